/**
 * A queue open at both ends: a ring in an array whose length is a power of two.
 *
 *     items   │ c │ d │   │   │ a │ b │        first = a, last = d
 *                   ▲           ▲
 *                 tail        head
 *
 * `Array.shift` moves every element that stays behind; here both ends cost the same however long
 * the queue is. The accumulator has one per partition, the buffer pool keeps its free buffers and
 * its waiters in one.
 *
 * I1  `size` elements lie from `head` on, wrapping at the end; every other place holds `undefined`,
 *     so that nothing that has left the queue is kept alive by it.
 *
 * @kafka java.util.ArrayDeque
 */

const SMALLEST = 8

export class ArrayDeque<T> {
  private items: (T | undefined)[] = new Array(SMALLEST).fill(undefined)
  private head = 0
  private count = 0

  get size(): number {
    return this.count
  }

  isEmpty(): boolean {
    return this.count === 0
  }

  addFirst(item: T): void {
    this.growIfFull()
    this.head = (this.head - 1) & (this.items.length - 1)
    this.items[this.head] = item
    this.count++
  }

  addLast(item: T): void {
    this.growIfFull()
    this.items[this.index(this.count)] = item
    this.count++
  }

  peekFirst(): T | undefined {
    return this.items[this.head]
  }

  peekLast(): T | undefined {
    return this.count === 0 ? undefined : this.items[this.index(this.count - 1)]
  }

  /** Takes the first element out; `undefined` when there is none. */
  pollFirst(): T | undefined {
    if (this.count === 0) return undefined
    const item = this.items[this.head]
    this.items[this.head] = undefined
    this.head = this.index(1)
    this.count--
    return item
  }

  /** Takes the last element out; `undefined` when there is none. */
  pollLast(): T | undefined {
    if (this.count === 0) return undefined
    const at = this.index(this.count - 1)
    const item = this.items[at]
    this.items[at] = undefined
    this.count--
    return item
  }

  /** Takes `item` out, wherever it stands. `false` when it is not in the queue. */
  remove(item: T): boolean {
    for (let i = 0; i < this.count; i++) {
      if (this.items[this.index(i)] !== item) continue
      for (let j = i; j < this.count - 1; j++) {
        this.items[this.index(j)] = this.items[this.index(j + 1)]
      }
      this.pollLast()
      return true
    }
    return false
  }

  /** From first to last. The queue must not change meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.count; i++) yield this.items[this.index(i)] as T
  }

  toString(): string {
    return `[${[...this].join(', ')}]`
  }

  private index(offset: number): number {
    return (this.head + offset) & (this.items.length - 1)
  }

  private growIfFull(): void {
    const { items, count } = this
    if (count < items.length) return
    const grown: (T | undefined)[] = new Array(count * 2).fill(undefined)
    for (let i = 0; i < count; i++) grown[i] = items[this.index(i)]
    this.items = grown
    this.head = 0
  }
}
