/**
 * A map that hands out its entries in the order in which Java's `HashMap` does.
 *
 * Some of Kafka's decisions hang on that order: which member of a group may keep one partition more
 * than its share, which of a member's topics comes first. Nobody ever chose it. It falls out of the
 * keys' hashes and of the table's size, and is the same on every JVM, so a leader that wants to
 * decide as a Java leader would must walk in the same order.
 *
 *     key ──hash──► 32 bits ──► upper 16 ⊕ lower 16 ──► the lowest bits: a bucket
 *
 *     table     0        1        2        3      …    15
 *               │        │        │        │           │        walked from 0 up,
 *               ∅      'q'─►'a'  'r'       ∅          'o'       each bucket from its oldest
 *
 *     more entries than ¾ of the buckets: the table doubles, and every bucket falls into two
 *
 * I1  The table has 16, 32, 64, … buckets and at most ¾ as many entries. It never shrinks.
 * I2  Within a bucket entries stand in the order in which `set` brought them, before and after
 *     doubling.
 *
 * @kafka java.util.HashMap
 * @simplified buckets stay lists. Java turns one of more than eight entries into a tree when the
 *   table has 64 buckets or more, and doubles a smaller table instead; the doubling is here, the
 *   tree is not. `keyOf` says what makes two keys equal, as `equals` does in Java.
 */

/** What Java's `String.hashCode` says, as a signed 32-bit number. */
export const hashOfString = (text: string): number => {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0
  return hash
}

const FIRST_TABLE = 16
const LOAD_FACTOR = 0.75
/** A bucket that would grow beyond it doubles a table smaller than `SMALL_TABLE`. */
const LONG_BUCKET = 8
const SMALL_TABLE = 64

interface Entry<K, V> {
  readonly hash: number
  readonly key: K
  value: V
}

export interface HashMapKeys<K> {
  /** Java's `hashCode` of a key. */
  hashOf(key: K): number
  /** The same text for equal keys, another one for others. */
  keyOf(key: K): string
}

export const STRING_KEYS: HashMapKeys<string> = { hashOf: hashOfString, keyOf: (key) => key }

export class HashMap<K, V> implements Iterable<[K, V]> {
  private readonly keysAre: HashMapKeys<K>
  private readonly byKey = new Map<string, Entry<K, V>>()
  /** A bucket is made when its first entry comes; most maps are small, and most buckets empty. */
  private table: (Entry<K, V>[] | undefined)[] = []
  private buckets = FIRST_TABLE

  constructor(keysAre: HashMapKeys<K>, entries: Iterable<readonly [K, V]> = []) {
    this.keysAre = keysAre
    for (const [key, value] of entries) this.set(key, value)
  }

  /** With texts as keys. */
  static ofStrings<V>(entries: Iterable<readonly [string, V]> = []): HashMap<string, V> {
    return new HashMap(STRING_KEYS, entries)
  }

  get size(): number {
    return this.byKey.size
  }

  get(key: K): V | undefined {
    return this.byKey.get(this.keysAre.keyOf(key))?.value
  }

  has(key: K): boolean {
    return this.byKey.has(this.keysAre.keyOf(key))
  }

  /** A key that is there keeps its place, and its object. */
  set(key: K, value: V): this {
    const text = this.keysAre.keyOf(key)
    const known = this.byKey.get(text)
    if (known !== undefined) {
      known.value = value
      return this
    }
    const entry = this.newEntry(text, key, value)
    const bucket = this.bucketOf(entry)
    bucket.push(entry)
    if (bucket.length > LONG_BUCKET && this.buckets < SMALL_TABLE) this.double()
    if (this.isFull()) this.double()
    return this
  }

  /**
   * The value of `key`, made and kept if there is none.
   *
   * Not the same as `set`: a new entry goes to the front of its bucket (the exception to I2), and
   * the table doubles only when the next one comes.
   */
  computeIfAbsent(key: K, make: () => V): V {
    const text = this.keysAre.keyOf(key)
    const known = this.byKey.get(text)
    if (this.isFull()) this.double()
    if (known !== undefined) return known.value
    const entry = this.newEntry(text, key, make())
    const bucket = this.bucketOf(entry)
    bucket.unshift(entry)
    if (bucket.length > LONG_BUCKET && this.buckets < SMALL_TABLE) this.double()
    return entry.value
  }

  delete(key: K): boolean {
    const text = this.keysAre.keyOf(key)
    const entry = this.byKey.get(text)
    if (entry === undefined) return false
    this.byKey.delete(text)
    const bucket = this.bucketOf(entry)
    bucket.splice(bucket.indexOf(entry), 1)
    return true
  }

  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (const { key, value } of this.inOrder()) yield [key, value]
  }

  *keys(): IterableIterator<K> {
    for (const { key } of this.inOrder()) yield key
  }

  private *inOrder(): IterableIterator<Entry<K, V>> {
    for (const bucket of this.table) if (bucket !== undefined) yield* bucket
  }

  private newEntry(text: string, key: K, value: V): Entry<K, V> {
    const hash = this.keysAre.hashOf(key)
    const entry = { hash: hash ^ (hash >>> 16), key, value }
    this.byKey.set(text, entry)
    return entry
  }

  private isFull(): boolean {
    return this.size > this.buckets * LOAD_FACTOR
  }

  private bucketOf(entry: Entry<K, V>): Entry<K, V>[] {
    return (this.table[entry.hash & (this.buckets - 1)] ??= [])
  }

  private double(): void {
    const entries = [...this.inOrder()]
    this.buckets *= 2
    this.table = []
    for (const entry of entries) this.bucketOf(entry).push(entry)
  }
}
