/**
 * One header of a record: a name and some bytes, beside key and value.
 *
 * Names may repeat; order is kept. What the bytes mean is between producer and consumer: the broker
 * looks at neither.
 *
 * @kafka org.apache.kafka.common.header.Header
 */
export interface Header {
  readonly key: string
  readonly value: Uint8Array | null
}
