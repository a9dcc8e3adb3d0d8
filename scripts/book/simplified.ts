/**
 * What is simplified against Kafka, refused or absent: the `@simplified` tags of the source.
 *
 *     @kafka      org.apache.kafka.….RecordAccumulator     which class of Kafka it is about
 *     @simplified no transactions: they come with …         up to the next tag
 *
 * I1  Each tag is there once, with a text.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { ROOT } from './chapters.ts'

export interface Simplification {
  /** From the root. */
  readonly path: string
  /** The line of the tag, from 1. */
  readonly line: number
  /** `src/producer`. */
  readonly folder: string
  /** Markdown, one line. */
  readonly text: string
}

export const simplifications = (root: string = ROOT): Simplification[] =>
  readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
    .map((file) => `src/${file.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .flatMap((path) => simplificationsIn(path, readFileSync(root + path, 'utf8')))

/** @param path from the root */
export const simplificationsIn = (path: string, text: string): Simplification[] => {
  const folder = path.split('/').slice(0, 2).join('/')
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
    const firstLine = lineAt(text, comment.index)
    const lines = comment[0].replace(/\*\/$/, '').split('\n').map(withoutStar)
    return lines.flatMap((line, at) => {
      if (!line.startsWith('@simplified')) return []
      const end = lines.findIndex((other, i) => i > at && (/^@\w/.test(other) || other === ''))
      const words = lines.slice(at, end < 0 ? undefined : end).join(' ')
      const said = words.replace(/^@simplified\s*/, '').trim()
      if (said === '') throw new Error(`${path}:${firstLine + at}: @simplified says nothing`)
      return [{ path, line: firstLine + at, folder, text: said }]
    })
  })
}

const withoutStar = (line: string): string => line.replace(/^\s*\/?\*+ ?/, '').trim()

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length
