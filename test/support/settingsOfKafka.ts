/**
 * What Kafka's own classes say of their settings (`test/golden/configurations.json`), beside what
 * ours say: shared by the tests of producer and consumer.
 */

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { AnyConfigDef } from '../../src/common/config/ConfigDef.ts'
import { convertToString } from '../../src/common/config/parseType.ts'
import { ConfigException } from '../../src/common/errors.ts'

/** No default is an empty list; the range may be null: anything goes. */
export type Fact = [
  type: string,
  value: string | null | [],
  range: string | null,
  importance: string,
  internal?: 0 | 1,
]

export const MACHINES_OWN =
  "Node cannot set a socket's buffers: only the machine's own size, -1, is taken"
export const A_CLASS = "Java's default is the name of a Java class"

/** By setting: what differs, and why. */
export type Deviations = Readonly<Record<string, { differs: string[]; because: string }>>
/** By setting: the test that shows what it does, as a file and words of its name. */
export type ShownBy = Readonly<Record<string, readonly [file: string, name: string]>>

const golden = JSON.parse(
  readFileSync(new URL('../golden/configurations.json', import.meta.url), 'utf8'),
) as Record<'producer' | 'consumer', Record<string, Fact>>

export const factsOf = (client: 'producer' | 'consumer'): ReadonlyMap<string, Fact> =>
  new Map(Object.entries(golden[client]))

/** Java writes 1.0 where JavaScript writes 1, and prints some sets in an order of chance. */
const plain = (range: string | null | undefined): string => {
  const [, words] = /^\(case insensitive\) \[(.*)\]$/.exec(range ?? '') ?? []
  if (words !== undefined) return words.toUpperCase().split(', ').sort().join(', ')
  return (range ?? '').replaceAll('.0', '')
}

const seen = (config: AnyConfigDef, name: string): Record<string, unknown> => {
  const definition = config.configKey(name)!
  return {
    type: definition.type,
    default: config.hasDefault(name)
      ? convertToString(config.defaultValue(name) as Parameters<typeof convertToString>[0])
      : [],
    range: plain(definition.validator?.toString()),
    importance: definition.importance,
    internal: definition.internal === true ? 1 : 0,
  }
}

const said = ([type, value, range, importance, internal]: Fact): Record<string, unknown> => ({
  type,
  default: value,
  range: plain(range),
  importance,
  ...(internal !== undefined && { internal }),
})

/** Each setting says what Kafka's says, but for the named deviations. */
export const expectSameSettings = (
  config: AnyConfigDef,
  facts: ReadonlyMap<string, Fact>,
  deviations: Deviations,
): void => {
  for (const [name, fact] of facts) {
    const ours = seen(config, name)
    const differs = Object.entries(said(fact))
      .filter(([what, value]) => JSON.stringify(ours[what]) !== JSON.stringify(value))
      .map(([what]) => what)
    expect({ name, differs }).toEqual({ name, differs: deviations[name]?.differs ?? [] })
  }
}

const refusedOf = (config: AnyConfigDef): string[] =>
  config.names().filter((name) => config.configKey(name)?.refused)

/** Each setting that is not refused names a test, and the file has it. */
export const expectShown = (config: AnyConfigDef, shownBy: ShownBy): void => {
  const refused = new Set(refusedOf(config))
  const working = config.names().filter((name) => !refused.has(name))
  expect(Object.keys(shownBy).sort()).toEqual(working.sort())
  for (const [setting, [file, name]] of Object.entries(shownBy)) {
    const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
    const titles = [...text.matchAll(/(['"`])((?:(?!\1)[^\n])*)\1/g)].map(([, , title]) => title)
    const found = titles.some((title) => title?.includes(name))
    expect(found, `${setting}: '${name}' in ${file}`).toBe(true)
  }
}

/** Each refused setting says why, whatever the value; everything of TLS and SASL is refused. */
export const expectRefusals = (
  config: AnyConfigDef,
  facts: ReadonlyMap<string, Fact>,
  configWith: (more: object) => unknown,
): void => {
  const isSecurity = (name: string): boolean => /^(ssl|sasl)\./.test(name)
  const security = [...facts.keys()].filter(isSecurity)
  expect(refusedOf(config).filter(isSecurity)).toHaveLength(security.length)
  for (const name of refusedOf(config)) {
    const make = () => configWith({ [name]: 'something of mine' })
    expect(make).toThrow(ConfigException)
    expect(make).toThrow(`Configuration '${name}' is refused: `)
    // It may be a password.
    expect(make).not.toThrow('something of mine')
  }
}

/** The sizes of socket buffers: the machine's own, or none. */
export const expectBuffersOfTheMachine = (
  configWith: (more: object) => {
    get(name: 'send.buffer.bytes' | 'receive.buffer.bytes'): unknown
  },
): void => {
  for (const name of ['send.buffer.bytes', 'receive.buffer.bytes'] as const) {
    expect(configWith({ [name]: -1 }).get(name)).toBe(-1)
    for (const bytes of [-2, 0, 65_536]) {
      expect(() => configWith({ [name]: bytes })).toThrow(ConfigException)
      expect(() => configWith({ [name]: bytes })).toThrow(`'${name}': it must be -1`)
    }
  }
}
