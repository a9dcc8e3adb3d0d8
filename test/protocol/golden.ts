/**
 * The fixtures of `test/golden`, read, and the messages they belong to.
 *
 * `generator/` there wrote them with Kafka's own classes; its `Facts.java` and `Samples.java` say
 * what stands in them.
 */

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
} from '../../src/protocol/messages/ConsumerProtocol.ts'
import { RequestHeaderData } from '../../src/protocol/RequestHeader.ts'
import { ResponseHeaderData } from '../../src/protocol/ResponseHeader.ts'
import { defaultMaker } from '../../src/protocol/schema/defaults.ts'
import type { AnyMessage } from '../../src/protocol/schema/message.ts'
import type { Field, Fields } from '../../src/protocol/schema/types.ts'

/** A `Uuid` remembers its text once somebody asked for it; that makes it no other value. */
expect.addEqualityTesters([
  (a: unknown, b: unknown): boolean | undefined =>
    a instanceof Uuid && b instanceof Uuid ? a.equals(b) : undefined,
])

export const golden = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../golden/${path}`, import.meta.url), 'utf8'))

/** Every message of `ApiKeys`, the two headers, and what consumers tell each other. */
export const allMessages = (): AnyMessage[] => [
  ...ApiKeys.values().flatMap(({ request, response }) => [request, response]),
  RequestHeaderData as AnyMessage,
  ResponseHeaderData as AnyMessage,
  ConsumerProtocolSubscription as AnyMessage,
  ConsumerProtocolAssignment as AnyMessage,
]

/** The file that a message's definition and samples are in. */
export const fileOf = ({ kind, name }: AnyMessage): string =>
  kind === 'data' ? 'ConsumerProtocol' : name.replace(/Request$|Response$/, '')

export const versionsOf = ({ validVersions: { min, max } }: AnyMessage): number[] =>
  Array.from({ length: max - min + 1 }, (_, i) => min + i)

// ---- samples

export interface Sample {
  readonly version: number
  readonly mode: 'defaults' | 'full' | 'nulls' | 'mixed'
  /** As our decoder should give it. */
  readonly value: Record<string, unknown>
  readonly bytes: Uint8Array
}

export const samplesOf = (message: AnyMessage): Sample[] => {
  const file = message.kind === 'header' ? 'Headers' : fileOf(message)
  const samples = golden(`messages/${file}.json`) as {
    [name: string]: [number, Sample['mode'], Record<string, unknown>, string][]
  }
  return samples[message.name]!.map(([version, mode, json, base64]) => ({
    version,
    mode,
    value: structValue(message.fields, json),
    bytes: fromBase64(base64),
  }))
}

/** A struct as Kafka's converter printed it, with our types, and defaults for what it left out. */
export const structValue = (
  fields: Fields,
  json: Record<string, unknown>,
): Record<string, unknown> => {
  const struct: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    struct[name] = name in json ? fieldValue(field, json[name]) : defaultMaker(field)()
  }
  const strangers = Object.keys(json).filter((name) => !(name in fields))
  for (const name of strangers) {
    if (name !== 'unknownTaggedFields') throw new Error(`our schema has no field '${name}'`)
    const tags = json[name] as { tag: number; data: string }[]
    struct[name] = tags.map(({ tag, data }) => ({ tag, data: fromBase64(data) }))
  }
  return struct
}

const fieldValue = (field: Field, json: unknown): unknown => {
  if (json === null) return null
  switch (field.kind) {
    case 'array':
      return (json as unknown[]).map((element) => fieldValue(field.element!, element))
    case 'struct':
      return structValue(field.fields!, json as Record<string, unknown>)
    case 'bigint64':
      return BigInt(json as string | number)
    case 'uuid':
      return Uuid.fromString(json as string)
    case 'bytes':
    case 'records':
      return fromBase64(json as string)
    default:
      return json
  }
}

export const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))

// ---- facts

export type FieldFact = readonly [
  name: string,
  type: string,
  versions: string,
  nullable: string | 0,
  tag: number,
  defaultText: string | null,
  ignorable: 0 | 1,
  fields?: readonly FieldFact[],
]

export interface Facts {
  readonly apis: {
    readonly [id: string]: readonly [
      name: string,
      oldest: number,
      latest: number,
      latestStable: number,
      listeners: readonly string[],
      headerVersions: readonly (readonly [request: number, response: number])[],
    ]
  }
  readonly errors: { readonly [code: string]: readonly [name: string, ...classes: string[]] }
  readonly messages: {
    readonly [name: string]: readonly [
      valid: string,
      flexible: string,
      fields: readonly FieldFact[],
    ]
  }
}

export const facts = (): Facts => golden('facts.json') as Facts
