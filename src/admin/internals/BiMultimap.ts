/**
 * Sets of values by key, where each value is in one set at most: putting it elsewhere takes it out
 * of where it was.
 *
 * @kafka org.apache.kafka.clients.admin.internals.AdminApiDriver.BiMultimap
 * @simplified a key is found by its `id`.
 */

export class BiMultimap<K extends { readonly id: string }, V> {
  private readonly reverseMap = new Map<V, K>()
  private readonly map = new Map<string, { readonly key: K; readonly values: Set<V> }>()

  put(key: K, value: V): void {
    this.remove(value)
    this.reverseMap.set(value, key)
    const entry = this.map.get(key.id)
    if (entry === undefined) this.map.set(key.id, { key, values: new Set([value]) })
    else entry.values.add(value)
  }

  remove(value: V): void {
    const key = this.reverseMap.get(value)
    if (key === undefined) return
    this.reverseMap.delete(value)
    const values = this.map.get(key.id)?.values
    values?.delete(value)
    if (values?.size === 0) this.map.delete(key.id)
  }

  getKey(value: V): K | null {
    return this.reverseMap.get(value) ?? null
  }

  entries(): { readonly key: K; readonly values: ReadonlySet<V> }[] {
    return [...this.map.values()]
  }
}
