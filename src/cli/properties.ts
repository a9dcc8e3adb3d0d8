/**
 * A file of settings in the form of Java's `.properties`, as Kafka's own tools take it with
 * `--command-config`.
 *
 *     # a comment                      ! another one
 *     security.protocol=PLAINTEXT      request.timeout.ms : 5000
 *     a.long.one = first \
 *                  second              ─► 'first second'
 *
 * @kafka java.util.Properties
 */

/** The settings of such a file, in its order; a later one of the same name wins. */
export const parseProperties = (text: string): Record<string, string> => {
  const settings: Record<string, string> = {}
  for (const line of logicalLines(text)) {
    const end = line.search(/(?<!\\)[=:\s]/)
    const name = end < 0 ? line : line.slice(0, end)
    const value = end < 0 ? '' : line.slice(end).replace(/^\s*[=:]?\s*/, '')
    settings[unescaped(name)] = unescaped(value)
  }
  return settings
}

/** Lines without comments, and with those joined that a backslash at the end continues. */
const logicalLines = (text: string): string[] => {
  const lines: string[] = []
  let open: string | null = null
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.trimStart()
    if (open === null && (line === '' || /^[#!]/.test(line))) continue
    const whole: string = (open ?? '') + line
    const continues = /(?:^|[^\\])(?:\\\\)*\\$/.test(whole)
    open = continues ? whole.slice(0, -1) : null
    if (!continues) lines.push(whole)
  }
  if (open !== null) lines.push(open)
  return lines
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

const unescaped = (text: string): string =>
  text.replace(/\\u([0-9a-fA-F]{4})|\\(.)/g, (_, code: string | undefined, char: string) =>
    code === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(code, 16)),
  )
