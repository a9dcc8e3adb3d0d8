/**
 * A header that may still be bytes: a fetched one decodes its name when somebody asks for it, which
 * most consumers never do.
 *
 * @kafka org.apache.kafka.common.header.internals.RecordHeader
 * @simplified the value of a fetched header is a view on the fetched bytes; Java copies it on first
 *   use.
 */

import { IllegalArgumentException } from '../errors.ts'
import { utf8Read } from '../utf8.ts'
import type { Header } from './Header.ts'

export class RecordHeader implements Header {
  readonly value: Uint8Array | null
  /** The name, or its UTF-8 until it is asked for. */
  private name: string | Uint8Array

  constructor(key: string | Uint8Array, value: Uint8Array | null) {
    if (key === null || key === undefined) {
      throw new IllegalArgumentException('A header needs a key: null is not permitted')
    }
    this.name = key
    this.value = value
  }

  get key(): string {
    if (typeof this.name !== 'string') this.name = utf8Read(this.name, 0, this.name.length)
    return this.name
  }

  /** Whether name and bytes are the same. */
  equals(other: Header): boolean {
    const [a, b] = [this.value, other.value]
    if (this.key !== other.key) return false
    if (a === null || b === null) return a === b
    return a.length === b.length && a.every((byte, i) => byte === b[i])
  }

  toString(): string {
    const value = this.value === null ? 'null' : `[${this.value.join(', ')}]`
    return `RecordHeader(key = ${this.key}, value = ${value})`
  }
}
