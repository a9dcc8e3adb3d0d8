/**
 * The Rosetta table: which class of Kafka is retold by which symbol here, from the `@kafka` tags.
 *
 *     /** … @kafka org.apache.kafka.a.B (act)      class B of Kafka, of it the method `act`
 *         … @simplified a plain object.            what is different
 *      *\/
 *     export class B { … }                         the symbol that the comment stands before
 *
 * A tag in a file's head comment belongs to the file: to the symbol of the file's name, where there
 * is one.
 *
 * I1  A tag names a class that the pinned version of Kafka has, and members that the class has.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { root } from './Generated.ts'
import type { KafkaNames } from './kafkaNames.ts'

export interface Retold {
  /** With its package: `org.apache.kafka.clients.producer.internals.Sender`. */
  readonly javaClass: string
  /** What stands in parentheses behind the class: members, or a remark. */
  readonly part: string | null
  /** From the repository's root. */
  readonly file: string
  /** Of the tag, from 1. */
  readonly line: number
  /** The symbol that tells it, and its line. */
  readonly symbol: string
  readonly symbolLine: number
  /** The whole remark, in one line. */
  readonly simplified: string | null
}

const COMMENT = /\/\*\*[\s\S]*?\*\//g
const TAG = /@kafka\s+([\w.$]+)(?:[ ]+\(([^)]*)\))?/g
const DECLARATION =
  /^\s*(?:export\s+)?(?:abstract\s+)?(?:async\s+)?(?:class|interface|const|function|type)\s+(\w+)/
const MEMBER = /^\s+(?:(?:private|protected|public|static|readonly|async|override|get)\s+)*(\w+)/

const sourceFiles = (): string[] =>
  readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => `src/${file.replaceAll('\\', '/')}`)
    .sort()

/** Every `@kafka` tag of `src/`, by file and line. */
export const retoldClasses = (): Retold[] =>
  sourceFiles().flatMap((file) => retoldIn(file, readFileSync(root + file, 'utf8')))

/** Every `@kafka` tag of one file. */
export const retoldIn = (file: string, text: string): Retold[] =>
  [...text.matchAll(COMMENT)].flatMap((comment) => {
    const tags = [...comment[0].matchAll(TAG)]
    if (tags.length === 0) return []
    const told = symbolBehind(file, text, comment.index + comment[0].length)
    const simplified = remarkIn(comment[0])
    return tags.map((tag) => ({
      javaClass: tag[1]!.replaceAll('$', '.'),
      part: tag[2] === undefined ? null : oneLine(tag[2]),
      file,
      line: lineAt(text, comment.index + tag.index),
      ...told,
      simplified,
    }))
  })

const symbolBehind = (
  file: string,
  text: string,
  end: number,
): { symbol: string; symbolLine: number } => {
  // Directly below a comment stands what it belongs to; a head comment has a blank line below it.
  const behind = /^[^\n]*\n([^\n]*)/.exec(text.slice(end))?.[1] ?? ''
  const symbol = (DECLARATION.exec(behind) ?? MEMBER.exec(behind))?.[1]
  if (symbol !== undefined && symbol !== 'import') {
    return { symbol, symbolLine: lineAt(text, end) + 1 }
  }
  const name = basename(file, '.ts')
  const own = new RegExp(
    `^export (?:\\w+ )*(?:class|const|interface|type|function) ${name}\\b`,
    'm',
  )
  const at = own.exec(text)?.index
  return { symbol: name, symbolLine: at === undefined ? 1 : lineAt(text, at) }
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length

const oneLine = (text: string): string => text.replace(/\s*\n\s*\*?\s*/g, ' ').trim()

const remarkIn = (comment: string): string | null => {
  const found = /@simplified\s+([\s\S]*?)(?=\n\s*\*\s*(?:@|\n|$)|\n\s*\*\/|\*\/$)/.exec(comment)
  return found === null ? null : oneLine(found[1]!)
}

/** The members that a tag names; none where the parentheses hold a remark in words. */
export const membersNamed = ({ part }: Retold): string[] => {
  const words = part?.split(/,\s*/) ?? []
  return words.every((word) => /^\w+$/.test(word)) ? words : []
}

/** I1. What is wrong with the tags, each with its place. */
export const wrongTags = (retold: readonly Retold[], names: KafkaNames): string[] =>
  retold.flatMap((tag) => {
    const { javaClass, file, line } = tag
    const where = `${file}:${line}`
    if (!names.has(javaClass)) return [`${where}: Kafka has no class ${javaClass}`]
    const known = names.members(javaClass)
    return membersNamed(tag)
      .filter((member) => !known?.has(member))
      .map((member) =>
        known === null
          ? `${where}: the list of names has no members of ${javaClass}; make it anew`
          : `${where}: ${javaClass} has no '${member}'`,
      )
  })

/** The remark's beginning: whole clauses, as many as fit into `limit` characters. */
export const shortened = (remark: string, limit = 110): string => {
  if (remark.length <= limit) return remark
  const clauses = [...remark.slice(0, limit).matchAll(/[.;:](?=\s)/g)]
  const end = clauses.at(-1)?.index
  if (end !== undefined && end > 20)
    return `${remark.slice(0, end)}${remark[end] === '.' ? '.' : ' …'}`
  const cut = remark.slice(0, limit)
  return `${cut.slice(0, cut.lastIndexOf(' ')).replace(/[,;:]$/, '')} …`
}
