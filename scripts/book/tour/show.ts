/**
 * Prints a value as a tour shows it: short, and the same on every machine and every Node.
 *
 *     'hello'                          "hello"
 *     new Uint8Array([104, 105])       Uint8Array(2) "hi"
 *     new Map([['a', 1]])              Map(1) { "a" → 1 }
 *     a TopicPartition                 TopicPartition greetings-1      (what its toString says)
 *     a BatchDeque of three            BatchDeque { batches: Array(3), muted: false }
 *
 * I1  Nothing runs but `toString`: getters and proxies' traps of the program stay asleep.
 * I2  At most `MAX_LENGTH` characters. No address, no path of a machine.
 */

/** About two lines of the table beside a listing. */
export const MAX_LENGTH = 160
const MAX_TEXT = 60
const MAX_ITEMS = 4
const MAX_FIELDS = 5
/** A field of a field of the value. */
const MAX_DEPTH = 2

export const show = (value: unknown): string => cut(shown(value, 0), MAX_LENGTH)

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`

const shown = (value: unknown, depth: number): string => {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return functionText(value)
  if (typeof value !== 'object' || value === null) return String(value)
  return known(value, depth) ?? inItsWords(value) ?? fieldsOf(value, depth)
}

const quoted = (text: string): string => JSON.stringify(cut(text, MAX_TEXT))

const functionText = (value: unknown): string => {
  const { name } = value as { readonly name: string }
  const isClass = /^class\b/.test(Function.prototype.toString.call(value))
  return `${isClass ? 'class' : 'function'}${name === '' ? '' : ` ${name}`}`
}

/** What the language brings. */
const known = (value: object, depth: number): string | null => {
  if (Array.isArray(value)) return list(value, depth)
  if (value instanceof Uint8Array) return bytes(value)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `${className(value)}(${value.byteLength})`
  }
  if (value instanceof Map) return pairs(value, depth)
  if (value instanceof Set) return items(`Set(${value.size})`, [...value], depth)
  if (value instanceof Error) return `${value.name}: ${cut(value.message, MAX_TEXT)}`
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Promise) return 'Promise'
  return null
}

const list = (values: readonly unknown[], depth: number): string => {
  if (values.length === 0) return '[]'
  if (depth >= MAX_DEPTH) return `Array(${values.length})`
  const few = values.slice(0, MAX_ITEMS).map((value) => shown(value, depth + 1))
  return `[${[...few, ...rest(values.length, MAX_ITEMS)].join(', ')}]`
}

const rest = (size: number, printed: number): string[] =>
  size > printed ? [`… ${size - printed} more`] : []

/** Text where it is text, else the first bytes as hexadecimal numbers. */
const bytes = (value: Uint8Array): string => {
  const head = `Uint8Array(${value.length})`
  if (value.length === 0) return head
  const isText = value.every((byte) => byte >= 0x20 && byte < 0x7f)
  if (isText) return `${head} ${quoted(String.fromCharCode(...value.subarray(0, MAX_TEXT + 1)))}`
  const first = [...value.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0'))
  return `${head} ${first.join(' ')}${value.length > 8 ? ' …' : ''}`
}

const pairs = (value: ReadonlyMap<unknown, unknown>, depth: number): string => {
  const head = `Map(${value.size})`
  if (value.size === 0 || depth >= MAX_DEPTH) return head
  const few = [...value].slice(0, MAX_ITEMS)
  const text = few.map(([key, held]) => `${shown(key, depth + 1)} → ${shown(held, depth + 1)}`)
  return `${head} { ${[...text, ...rest(value.size, MAX_ITEMS)].join(', ')} }`
}

const items = (head: string, values: readonly unknown[], depth: number): string => {
  if (values.length === 0 || depth >= MAX_DEPTH) return head
  const few = values.slice(0, MAX_ITEMS).map((value) => shown(value, depth + 1))
  return `${head} { ${[...few, ...rest(values.length, MAX_ITEMS)].join(', ')} }`
}

const className = (value: object): string => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype) return ''
  const maker: unknown = Reflect.get(prototype as object, 'constructor')
  return typeof maker === 'function' ? maker.name : ''
}

/** A class that says in `toString` what it holds is believed. */
const inItsWords = (value: object): string | null => {
  const say: unknown = Reflect.get(value, 'toString')
  if (typeof say !== 'function' || say === Object.prototype.toString) return null
  const text = String(say.call(value))
  const name = className(value)
  return name === '' || text.startsWith(name) ? text : `${name} ${text}`
}

const fieldsOf = (value: object, depth: number): string => {
  const name = className(value)
  const fields = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(
    ([, field]) => field.enumerable && 'value' in field && typeof field.value !== 'function',
  )
  if (depth >= MAX_DEPTH || (depth > 0 && name !== '')) return name === '' ? '{…}' : name
  if (fields.length === 0) return name === '' ? '{}' : name
  const few = fields.slice(0, MAX_FIELDS)
  const text = few.map(([key, field]) => `${key}: ${shown(field.value, depth + 1)}`)
  const body = [...text, ...(fields.length > MAX_FIELDS ? ['…'] : [])].join(', ')
  return `${name === '' ? '' : `${name} `}{ ${body} }`
}
