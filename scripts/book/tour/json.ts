/**
 * Writes JSON as the house's formatter leaves it, so that what is generated passes the check of
 * style: a list or an object is on one line where it fits, except a list of several objects.
 */

const WIDTH = 100
type Entry = readonly [head: string, value: unknown]

/** `value` and a newline. */
export const formattedJson = (value: unknown): string => `${written(value, 0, 0)}\n`

/** @param used the columns of the line that are taken before and behind the value */
const written = (value: unknown, depth: number, used: number): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const isList = Array.isArray(value)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  const entries: readonly Entry[] = isList
    ? value.map((item): Entry => ['', item])
    : Object.entries(value).map(([key, item]): Entry => [`${JSON.stringify(key)}: `, item])
  if (entries.length === 0) return open + close
  const line = onOneLine(value)
  if (line !== null && used + line.length <= WIDTH) return line
  const margin = '  '.repeat(depth + 1)
  const lines = entries.map(([head, item], i) => {
    const comma = i < entries.length - 1 ? ',' : ''
    const taken = margin.length + head.length + comma.length
    return `${margin}${head}${written(item, depth + 1, taken)}${comma}\n`
  })
  return `${open}\n${lines.join('')}${'  '.repeat(depth)}${close}`
}

/** `null` where the formatter would break it in any case. */
const onOneLine = (value: unknown): string | null => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const isList = Array.isArray(value)
  if (isList && value.length > 1 && value.every(isRich)) return null
  const parts = Object.entries(value).map(([key, item]) => {
    const text = onOneLine(item)
    if (text === null) return null
    return isList ? text : `${JSON.stringify(key)}: ${text}`
  })
  if (parts.includes(null)) return null
  if (parts.length === 0) return isList ? '[]' : '{}'
  return isList ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`
}

const isRich = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 1
