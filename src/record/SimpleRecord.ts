/**
 * A record as a program sees it before it has an offset: what goes into a batch.
 *
 * @kafka org.apache.kafka.common.record.internal.SimpleRecord
 * @simplified a shape instead of a class: an object literal will do, and so will a `DefaultRecord`
 *   that was read from another batch.
 */

import type { Header } from '../common/header/Header.ts'

/** The headers of a record that has none: one array for all of them. */
export const EMPTY_HEADERS: readonly Header[] = Object.freeze([])

export interface SimpleRecord {
  /** Milliseconds since 1970; default `NO_TIMESTAMP`. */
  readonly timestamp?: number
  /** Default `null`. */
  readonly key?: Uint8Array | null
  readonly value: Uint8Array | null
  /** Default none. */
  readonly headers?: readonly Header[]
}
