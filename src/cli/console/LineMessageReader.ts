/**
 * Makes a record of a line, as `--reader-property` says.
 *
 *     parse.headers=true parse.key=true
 *
 *     trace:4711,from:web⇥customer-1⇥hello
 *     └──── headers ────┘└── key ──┘└ value
 *
 * @kafka org.apache.kafka.tools.LineMessageReader
 */

import { KafkaException } from '../../common/errors.ts'

export interface LineRecord {
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

const DEFAULTS: Readonly<Record<string, string>> = {
  'parse.key': 'false',
  'parse.headers': 'false',
  'key.separator': '\t',
  'headers.delimiter': '\t',
  'headers.separator': ',',
  'headers.key.separator': ':',
  'ignore.error': 'false',
}

export class LineMessageReader {
  private readonly settings: Readonly<Record<string, string>>
  /** What stands for null; `undefined`: nothing does. */
  private readonly nullMarker: string | undefined
  private lineNumber = 0

  constructor(properties: Readonly<Record<string, string>>) {
    this.settings = { ...DEFAULTS, ...properties }
    this.nullMarker = properties['null.marker']
  }

  /** @throws KafkaException for a line without one of the separators, unless told to ignore it */
  read(line: string): LineRecord {
    this.lineNumber++
    const { settings } = this
    const headers = this.parse('parse.headers', line, 0, settings['headers.delimiter']!)
    const keyAt = headers === null ? 0 : headers.length + settings['headers.delimiter']!.length
    const key = this.parse('parse.key', line, keyAt, settings['key.separator']!)
    const valueAt = key === null ? keyAt : keyAt + key.length + settings['key.separator']!.length
    return {
      key: key === null ? null : this.unmarked(key),
      value: this.unmarked(line.slice(valueAt)),
      headers: headers === null || headers === this.nullMarker ? [] : this.splitHeaders(headers),
    }
  }

  private parse(what: string, line: string, from: number, separator: string): string | null {
    if (this.settings[what] !== 'true') return null
    const at = line.indexOf(separator, from)
    if (at >= 0) return line.slice(from, at)
    if (this.settings['ignore.error'] === 'true') return null
    const name = what === 'parse.key' ? 'key separator' : 'headers delimiter'
    throw new KafkaException(`No ${name} found on line number ${this.lineNumber}: '${line}'`)
  }

  private splitHeaders(headers: string): LineRecord['headers'] {
    const separator = this.settings['headers.key.separator']!
    return headers.split(this.settings['headers.separator']!).map((pair) => {
      const at = pair.indexOf(separator)
      if (at >= 0) return [pair.slice(0, at), this.unmarked(pair.slice(at + separator.length))]
      if (this.settings['ignore.error'] === 'true') return [pair, null]
      const where = `in pair '${pair}' on line number ${this.lineNumber}`
      throw new KafkaException(`No header key separator found ${where}`)
    })
  }

  private unmarked(text: string): string | null {
    return text === this.nullMarker ? null : text
  }
}
