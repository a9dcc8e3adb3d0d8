/**
 * A message's definition, printed for people: what stands above each definition as a comment, and
 * in the protocol reference.
 *
 *     FetchRequest v18 => maxWaitMs [topics] {0: clusterId}
 *       maxWaitMs => int32
 *       topics => topicId
 *         topicId => uuid
 *       clusterId => string | null
 *
 * Brackets are an array, braces the tagged fields with their tags.
 */

import type { AnyMessage } from './message.ts'
import type { Field, Fields } from './types.ts'

type Named = readonly [name: string, field: Field]

/** @returns the lines, broken where they would be longer than `width` */
export const grammar = (message: AnyMessage, version: number, width = 93): string[] => {
  const flexible = message.flexibleVersions.contains(version)
  const lines: string[] = []
  const print = (name: string, value: string, depth: number): void => {
    lines.push(...wrap(`${'  '.repeat(depth)}${name} => ${value}`, depth, width))
  }
  const printFields = (fields: Fields, depth: number): void => {
    for (const [name, field] of fieldsOf(fields, version)) {
      const orNull = field.nullable.contains(version) ? ' | null' : ''
      const classic = flexible && field.neverFlexible ? ', classic form' : ''
      const inner = field.element?.fields ?? field.fields
      if (inner === undefined) {
        print(name, wireType(field) + orNull + classic, depth)
      } else {
        print(name, sequence(inner, version, flexible) + orNull, depth)
        printFields(inner, depth + 1)
      }
    }
  }
  print(`${message.name} v${version}`, sequence(message.fields, version, flexible), 0)
  printFields(message.fields, 1)
  return lines
}

const fieldsOf = (fields: Fields, version: number): Named[] =>
  Object.entries(fields).filter(([, field]) => field.versions.contains(version))

/** The fields in a row, as they stand on the wire. */
const sequence = (fields: Fields, version: number, flexible: boolean): string => {
  const here = fieldsOf(fields, version)
  const plain = here.filter(([, field]) => field.tag === undefined).map(inBrackets)
  const tagged = here
    .filter(([, field]) => field.tag !== undefined)
    .sort(([, a], [, b]) => a.tag! - b.tag!)
    .map((named) => `${named[1].tag}: ${inBrackets(named)}`)
  return [...plain, ...(flexible ? [`{${tagged.join(', ')}}`] : [])].join(' ')
}

const inBrackets = ([name, { kind }]: Named): string => (kind === 'array' ? `[${name}]` : name)

const wrap = (line: string, depth: number, width: number): string[] => {
  const lines: string[] = []
  let rest = line
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width)
    lines.push(rest.slice(0, at))
    rest = '  '.repeat(depth + 2) + rest.slice(at + 1)
  }
  return [...lines, rest]
}

/** How a number is held in JavaScript is no part of the grammar. */
const wireType = (field: Field): string => {
  const { kind } = field.element ?? field
  return kind === 'bigint64' ? 'int64' : kind
}
