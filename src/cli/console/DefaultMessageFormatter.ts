/**
 * A record as a line, as `--formatter-property` says.
 *
 *     CreateTime:1700000000000⇥Partition:0⇥Offset:15⇥Epoch:0⇥trace:4711⇥customer-1⇥hello
 *     print.timestamp          .partition  .offset   .epoch  .headers   .key       .value
 *
 * @kafka org.apache.kafka.tools.consumer.DefaultMessageFormatter
 * @simplified bytes are printed as they are; no deserializers can be named.
 */

import { utf8Bytes } from '../../common/utf8.ts'
import type { ConsumerRecord } from '../../consumer/ConsumerRecord.ts'
import { TimestampType } from '../../record/TimestampType.ts'

const DEFAULTS: Readonly<Record<string, string>> = {
  'print.timestamp': 'false',
  'print.partition': 'false',
  'print.offset': 'false',
  'print.epoch': 'false',
  'print.headers': 'false',
  'print.key': 'false',
  'print.value': 'true',
  'key.separator': '\t',
  'line.separator': '\n',
  'headers.separator': ',',
  'null.literal': 'null',
}

type Part = string | Uint8Array

export class DefaultMessageFormatter {
  private readonly settings: Readonly<Record<string, string>>

  constructor(properties: Readonly<Record<string, string>>) {
    this.settings = { ...DEFAULTS, ...properties }
  }

  writeTo(record: ConsumerRecord<Uint8Array, Uint8Array>, write: (part: Uint8Array) => void): void {
    const separator = this.settings['key.separator']!
    for (const [i, column] of this.columns(record).entries()) {
      if (i > 0) write(utf8Bytes(separator))
      for (const part of column) write(typeof part === 'string' ? utf8Bytes(part) : part)
    }
    // As in Kafka, the line ends with the value, so that it is not ended without one.
    if (this.prints('value')) write(utf8Bytes(this.settings['line.separator']!))
  }

  private columns(record: ConsumerRecord<Uint8Array, Uint8Array>): Part[][] {
    const { timestampType, timestamp, partition, offset, leaderEpoch, key, value } = record
    const columns: Part[][] = []
    if (this.prints('timestamp')) {
      const has = timestampType !== TimestampType.NO_TIMESTAMP_TYPE
      columns.push([has ? `${timestampType}:${timestamp}` : 'NO_TIMESTAMP'])
    }
    if (this.prints('partition')) columns.push([`Partition:${partition}`])
    if (this.prints('offset')) columns.push([`Offset:${offset}`])
    if (this.prints('epoch')) columns.push([`Epoch:${leaderEpoch ?? 'NOT_PRESENT'}`])
    if (this.prints('headers')) columns.push(this.headers(record))
    if (this.prints('key')) columns.push([this.orNull(key)])
    if (this.prints('value')) columns.push([this.orNull(value)])
    return columns
  }

  private headers({ headers }: ConsumerRecord<Uint8Array, Uint8Array>): Part[] {
    const all = [...headers]
    if (all.length === 0) return ['NO_HEADERS']
    return all.flatMap(({ key, value }, i) => {
      const before = i === 0 ? '' : this.settings['headers.separator']!
      return [`${before}${key}:`, this.orNull(value)]
    })
  }

  private orNull(bytes: Uint8Array | null): Part {
    return bytes ?? this.settings['null.literal']!
  }

  private prints(what: string): boolean {
    return this.settings[`print.${what}`] === 'true'
  }
}
