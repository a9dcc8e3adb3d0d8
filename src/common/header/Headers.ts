/**
 * The headers of one record, in order.
 *
 * Interceptors and serializers may add to them until the record is appended to its batch; from then
 * on a change is an `IllegalStateException`, because the bytes are written already.
 *
 * @kafka org.apache.kafka.common.header.Headers
 */

import type { Header } from './Header.ts'

export interface Headers extends Iterable<Header> {
  /** Appends `header`; throws an `IllegalStateException` when read-only. */
  add(header: Header): this
  /** Appends a header of `key` and `value`. */
  add(key: string, value: Uint8Array | null): this
  /** Removes all headers named `key`; throws an `IllegalStateException` when read-only. */
  remove(key: string): this
  /** The last one named `key`, or `null`. */
  lastHeader(key: string): Header | null
  /** All named `key`, in order. */
  headers(key: string): Iterable<Header>
  /** A copy: changing it changes nothing here. */
  toArray(): Header[]
}
