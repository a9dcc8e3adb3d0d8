/**
 * The headers of one record, as a list: there are few, and a search from the end is all that is
 * needed.
 *
 * I1  After `setReadOnly` nothing changes any more. The producer calls it when the record goes into
 *     its batch.
 *
 * @kafka org.apache.kafka.common.header.internals.RecordHeaders
 * @simplified JavaScript's iterators cannot remove, so there is no `iterator.remove()` to guard.
 */

import { IllegalArgumentException, IllegalStateException } from '../errors.ts'
import type { Header } from './Header.ts'
import type { Headers } from './Headers.ts'
import { RecordHeader } from './RecordHeader.ts'

/** Of all that have no header: never written to. */
const NONE = Object.freeze([]) as unknown as Header[]

export class RecordHeaders implements Headers {
  private list: Header[] = NONE
  private readOnly = false

  /** @param headers copied; default none */
  constructor(headers: Iterable<Header> = NONE) {
    // Most records have none: then no list is made, and nothing is walked over.
    if (!Array.isArray(headers) || headers.length > 0) this.list = Array.from(headers, checked)
  }

  get length(): number {
    return this.list.length
  }

  add(headerOrKey: Header | string, value: Uint8Array | null = null): this {
    const header =
      typeof headerOrKey === 'string' ? new RecordHeader(headerOrKey, value) : checked(headerOrKey)
    this.checkWritable()
    if (this.list === NONE) this.list = []
    this.list.push(header)
    return this
  }

  remove(key: string): this {
    this.checkWritable()
    checkKey(key)
    this.list = this.list.filter((header) => header.key !== key)
    return this
  }

  lastHeader(key: string): Header | null {
    checkKey(key)
    return this.list.findLast((header) => header.key === key) ?? null
  }

  /** All named `key`, as they are when they are asked for. */
  headers(key: string): Iterable<Header> {
    checkKey(key)
    const list = (): readonly Header[] => this.list
    return {
      *[Symbol.iterator]() {
        for (const header of list()) if (header.key === key) yield header
      },
    }
  }

  [Symbol.iterator](): IterableIterator<Header> {
    return this.list.values()
  }

  toArray(): Header[] {
    return [...this.list]
  }

  /** I1. */
  setReadOnly(): void {
    this.readOnly = true
  }

  isReadOnly(): boolean {
    return this.readOnly
  }

  toString(): string {
    // A header may be a plain object, which does not say what it is.
    const headers = this.list.map(({ key, value }) => new RecordHeader(key, value)).join(', ')
    return `RecordHeaders(headers = [${headers}], isReadOnly = ${this.readOnly})`
  }

  private checkWritable(): void {
    if (this.readOnly) {
      throw new IllegalStateException(
        'These headers are read-only: their record is written. Add headers before `send` returns.',
      )
    }
  }
}

const checked = (header: Header): Header => {
  if (header === null || header === undefined) {
    throw new IllegalArgumentException('A header cannot be null')
  }
  return header
}

const checkKey = (key: string): void => {
  if (key === null || key === undefined) {
    throw new IllegalArgumentException('The key of a header cannot be null')
  }
}
