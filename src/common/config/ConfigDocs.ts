/**
 * A `ConfigDef` as a table for people, generated so that it cannot go stale.
 *
 * Required settings come first, then by importance, then by name; what is refused has a table of
 * its own, with the reasons. `65536` in a setting of bytes is
 * shown as `65536 (64 kibibytes)`, `300000` in one of milliseconds as `300000 (5 minutes)`, when
 * that comes out even.
 *
 * @kafka org.apache.kafka.common.config.ConfigDef
 * @simplified Markdown, where Java writes HTML and reStructuredText.
 */

import type { AnyConfigDef } from './ConfigDef.ts'
import type { Definition, Importance } from './ConfigTypes.ts'
import { convertToString } from './parseType.ts'

const IMPORTANCES: readonly Importance[] = ['high', 'medium', 'low']
const COLUMNS = ['Name', 'Description', 'Type', 'Default', 'Valid Values', 'Importance']

/**
 * One row per setting that works and is not internal.
 *
 * @param updateModes adds a column that says how a running broker takes a change; what is not named
 *   is `read-only`
 */
export const toMarkdownTable = (
  def: AnyConfigDef,
  updateModes?: Readonly<Record<string, string>>,
): string => {
  const modes = updateModes === undefined ? [] : ['Dynamic Update Mode']
  const header = [...COLUMNS, ...modes]
  const rows = sortedNames(def).map((name) => {
    const cells = describe(def, name)
    if (updateModes !== undefined) cells.push(updateModes[name] ?? 'read-only')
    return cells
  })
  return [header, header.map(() => '---'), ...rows].map(row).join('')
}

/** One row per setting that Kafka has and that takes no value here: what for, and why not. */
export const toRefusedTable = (def: AnyConfigDef): string => {
  const refused = def
    .names()
    .sort()
    .flatMap((name) => {
      const { refused: reason, documentation } = def.configKey(name) as Definition
      return reason === undefined ? [] : [[name, documentation, reason]]
    })
  return [['Name', 'What it is for', 'Refused because'], ['---', '---', '---'], ...refused]
    .map(row)
    .join('')
}

/** `' (2 mebibytes)'`; `''` when it does not come out even. */
export const niceMemoryUnits = (bytes: number): string =>
  nice(bytes, [
    [1024, 'kibibyte'],
    [1024, 'mebibyte'],
    [1024, 'gibibyte'],
    [1024, 'tebibyte'],
  ])

/** `' (7 days)'`; `''` when it does not come out even. */
export const niceTimeUnits = (millis: number): string =>
  nice(millis, [
    [1000, 'second'],
    [60, 'minute'],
    [60, 'hour'],
    [24, 'day'],
  ])

const nice = (amount: number, units: readonly (readonly [number, string])[]): string => {
  let value = amount
  let name = ''
  for (const [size, unit] of units) {
    if (value === 0 || value % size !== 0) break
    value /= size
    name = unit
  }
  return name === '' ? '' : ` (${value} ${name}${value === 1 ? '' : 's'})`
}

const describe = (def: AnyConfigDef, name: string): string[] => {
  const definition = def.configKey(name)!
  return [
    name,
    definition.documentation,
    definition.type,
    def.hasDefault(name) ? defaultText(name, def.defaultValue(name)) : '',
    definition.validator?.toString() ?? '',
    definition.importance,
  ]
}

const defaultText = (name: string, value: unknown): string => {
  const text = convertToString(value)
  if (text === null) return 'null'
  if (text === '') return '""'
  if (typeof value !== 'number') return text
  if (name.endsWith('.bytes')) return text + niceMemoryUnits(value)
  return name.endsWith('.ms') ? text + niceTimeUnits(value) : text
}

const sortedNames = (def: AnyConfigDef): string[] => {
  const rank = (name: string): number => {
    const { importance } = def.configKey(name) as Definition
    return (def.hasDefault(name) ? IMPORTANCES.length : 0) + IMPORTANCES.indexOf(importance)
  }
  return def
    .names()
    .filter((name) => !isLeftOut(def.configKey(name)!))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

const isLeftOut = ({ internal, refused }: Definition): boolean =>
  internal === true || refused !== undefined

/** A line break or a bar would end the cell. */
const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ')).join(' | ')} |\n`
