/** Our definitions against Kafka's: every fact of every field, in every version. */

import { describe, expect, it } from 'vitest'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { API_NAMES } from '../../src/protocol/apiTable.ts'
import { defaultMaker } from '../../src/protocol/schema/defaults.ts'
import type { Field, Fields } from '../../src/protocol/schema/types.ts'
import { VersionRange, type VersionsText } from '../../src/protocol/schema/VersionRange.ts'
import { covers } from '../support/covers.ts'
import { allMessages, type FieldFact, facts, versionsOf } from './golden.ts'

const { apis, messages } = facts()
const range = (text: string): VersionRange => VersionRange.parse(text as VersionsText)

/** What a reader or writer of `version` has to know about a field. */
interface Seen {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly tag: number
  readonly inner: readonly Seen[] | undefined
}

const ours = (fields: Fields, version: number): Seen[] =>
  Object.entries(fields)
    .filter(([, field]) => field.versions.contains(version))
    .map(([name, field]) => ({
      name,
      type: typeOf(field),
      nullable: field.nullable.contains(version),
      tag: field.tag ?? -1,
      inner: structOf(field) && ours(structOf(field)!, version),
    }))

const typeOf = (field: Field): string =>
  field.kind === 'array' ? `[]${field.element!.kind}` : field.kind

const structOf = (field: Field): Fields | undefined => field.element?.fields ?? field.fields

const theirs = (fields: readonly FieldFact[], version: number): Seen[] =>
  fields
    .filter(([, , versions]) => range(versions).contains(version))
    .map(([name, type, , nullable, tag, , , inner]) => ({
      name: lowerFirst(name),
      type,
      nullable: nullable !== 0 && range(nullable).contains(version),
      tag,
      inner: inner && theirs(inner, version),
    }))

const lowerFirst = (name: string): string => name[0]!.toLowerCase() + name.slice(1)

for (const message of allMessages()) {
  const [valid, flexible, fieldFacts] = messages[message.name]!

  describe(message.name, () => {
    it('is valid and flexible in the same versions as in Kafka', () => {
      expect(message.validVersions.toString()).toBe(valid)
      for (const version of versionsOf(message)) {
        expect(message.flexibleVersions.contains(version)).toBe(range(flexible).contains(version))
      }
    })

    it('has the same fields, in the same order, in every version', () => {
      for (const version of versionsOf(message)) {
        expect(ours(message.fields, version), `v${version}`).toEqual(theirs(fieldFacts, version))
      }
    })

    it('has the same defaults, and drops the same fields where a version lacks them', () => {
      compareRest(message.fields, fieldFacts)
    })
  })
}

const compareRest = (fields: Fields, fieldFacts: readonly FieldFact[]): void => {
  for (const [name, type, , , , defaultText, ignorable, inner] of fieldFacts) {
    const field = fields[lowerFirst(name)]!
    expect(field, name).toBeDefined()
    expect(field.ignorable, `${name}: ignorable`).toBe(ignorable === 1)
    if (type !== 'struct') {
      const value = defaultMaker(field)()
      expect(plain(value), `${name}: default`).toEqual(theirDefault(type, defaultText))
    } else {
      expect(field.default, `${name}: default`).toBe(defaultText === 'null' ? null : undefined)
    }
    if (inner !== undefined) compareRest(structOf(field)!, inner)
  }
}

const plain = (value: unknown): unknown =>
  value instanceof Uint8Array ? value.length : typeof value === 'object' ? `${value}` : value

/** What Kafka's generator makes of a default that is, or is not, in the definition. */
const theirDefault = (type: string, text: string | null): unknown => {
  if (text === 'null' || type === 'records') return 'null'
  if (type.startsWith('[]')) return ''
  switch (type) {
    case 'bool':
      return text === 'true'
    case 'string':
      return text ?? ''
    case 'uuid':
      return 'AAAAAAAAAAAAAAAAAAAAAA'
    case 'bytes':
      return 0
    case 'bigint64':
      return BigInt(text ?? 0)
    default:
      return Number(text ?? 0)
  }
}

describe('ApiKeys', () => {
  it('have the numbers, names and versions of Kafka', () => {
    for (const key of ApiKeys.values()) {
      const [name, oldest, latest, latestStable] = apis[key.id]!
      expect(key.name).toBe(name)
      expect(key.oldestVersion(), name).toBe(oldest)
      expect(key.latestVersion(), name).toBe(latest)
      expect(key.latestVersion(false), name).toBe(latestStable)
    }
  })

  it('put the header of the same version in front of each version', () => {
    for (const key of ApiKeys.values()) {
      const versions = key.allVersions()
      const headers = versions.map((v) => [
        key.requestHeaderVersion(v),
        key.responseHeaderVersion(v),
      ])
      expect(headers, key.name).toEqual(apis[key.id]![5])
    }
  })

  it('know every number that Kafka has given, by name', () => {
    const names = Object.entries(apis).map(([id, [name]]) => [Number(id), name])
    expect([...API_NAMES]).toEqual(names)
  })

  it('speak only APIs that Kafka serves on a listener, and none of those that were removed', () => {
    for (const key of ApiKeys.values()) {
      const [, oldest, latest, , listeners] = apis[key.id]!
      expect(latest).toBeGreaterThanOrEqual(oldest)
      expect(listeners, key.name).toContain('broker')
    }
    covers('ApiKeysTest.testApiScope', 'ApiKeysTest.testHasValidVersions')
  })
})
