/**
 * A map that is read all the time and changed seldom: a change makes a new map, so what a reader
 * holds never changes.
 *
 *     reader ── get ──►  map ●───► { a: …, b: … }          stays whole in the hands of
 *     writer ── put ──►  map ●───► { a: …, b: …, c: … }    whoever iterates it
 *
 * Java needs it so that readers go without a lock. With one thread there is no lock to save, but
 * the other half of the promise still counts: a loop over `entries()` that awaits in its body sees
 * one consistent state, however many topics are added meanwhile, where a loop over a plain `Map`
 * would run into the new ones.
 *
 * I1  A map that was handed out is never changed.
 *
 * @kafka org.apache.kafka.common.utils.CopyOnWriteMap
 */
export class CopyOnWriteMap<K, V> {
  private map: ReadonlyMap<K, V>

  /** @param entries copied; default none */
  constructor(entries: Iterable<readonly [K, V]> = []) {
    this.map = new Map(entries)
  }

  get(key: K): V | undefined {
    return this.map.get(key)
  }

  has(key: K): boolean {
    return this.map.has(key)
  }

  get size(): number {
    return this.map.size
  }

  isEmpty(): boolean {
    return this.map.size === 0
  }

  /** The keys of this moment. */
  keys(): IterableIterator<K> {
    return this.map.keys()
  }

  /** The values of this moment. */
  values(): IterableIterator<V> {
    return this.map.values()
  }

  /** The entries of this moment. */
  entries(): IterableIterator<[K, V]> {
    return this.map.entries()
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.map.entries()
  }

  /** Costs a copy of the map. Returns what `key` had before. */
  put(key: K, value: V): V | undefined {
    const previous = this.map.get(key)
    this.map = new Map(this.map).set(key, value)
    return previous
  }

  /** One copy for all of them. */
  putAll(entries: Iterable<readonly [K, V]>): void {
    this.map = new Map([...this.map, ...entries])
  }

  /**
   * Returns the value that was there, and changes nothing then; otherwise puts `value` and returns
   * `undefined`.
   */
  putIfAbsent(key: K, value: V): V | undefined {
    return this.map.has(key) ? this.map.get(key) : this.put(key, value)
  }

  /** The value of `key`; made by `make`, and put, when there is none. */
  computeIfAbsent(key: K, make: (key: K) => V): V {
    if (this.map.has(key)) return this.map.get(key) as V
    const value = make(key)
    this.put(key, value)
    return value
  }

  /** Returns what `key` had; with `expected`, removes only that value. */
  remove(key: K, ...expected: [] | [V]): V | undefined {
    const previous = this.map.get(key)
    if (!this.map.has(key) || (expected.length === 1 && previous !== expected[0])) return undefined
    const copy = new Map(this.map)
    copy.delete(key)
    this.map = copy
    return previous
  }

  /** Puts `value` only if `key` is there (with `expected`: has that value). Says whether it did. */
  replace(key: K, value: V, ...expected: [] | [V]): boolean {
    if (!this.map.has(key)) return false
    if (expected.length === 1 && this.map.get(key) !== expected[0]) return false
    this.put(key, value)
    return true
  }

  clear(): void {
    this.map = new Map()
  }

  toString(): string {
    return `CopyOnWriteMap(${this.map.size})`
  }
}
