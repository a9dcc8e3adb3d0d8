// Wraps comment lines that are wider than a line may be; the formatter leaves comments alone.
//
//     node scripts/wrap-comments.mjs src test      rewrites files, and lists what it could not wrap
//
// What does not fit moves to the next line of the same paragraph, and so on to its end. Pictures, tables and code inside a
// comment (four spaces in front, or columns inside) are left as they are, and are listed when they are too wide.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const WIDTH = 100
const width = (text) => [...text].length

const filesIn = (path) =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
        .map((entry) => join(entry.parentPath, entry.name))

/** `{ prefix, indent, text }` of a line that is comment only; `undefined` of another. */
const parse = (line, inBlock) => {
  const found = inBlock ? /^(\s*\*)( *)(.*)$/.exec(line) : /^(\s*\/\/)( *)(.*)$/.exec(line)
  if (found === null || found[3].startsWith('/')) return undefined
  const [, prefix, indent, text] = found
  return { prefix, indent, text }
}

const isPicture = ({ indent, text }) =>
  indent.length >= 5 ||
  /[│├┌└─►▼═|]/.test(text) ||
  (/\S {2,}\S/.test(text) && !/^I\d+ {2}/.test(text))

/** Whether `lines[i]` goes on with an `I1 …` paragraph, whose lines are indented like code. */
const isContinuation = (lines, i, inBlock) => {
  for (let at = i - 1; at >= 0; at--) {
    const line = parse(lines[at], inBlock)
    if (line === undefined || line.text === '') return false
    if (/^I\d+ /.test(line.text)) return true
    if (line.indent.length < 5) return false
  }
  return false
}

const startsParagraph = (text) => text === '' || /^(@|I\d+\b|[-*] |\d+\. |```)/.test(text)

/** How far the lines after the first of a paragraph are indented. */
const hanging = ({ indent, text }) => {
  const mark = /^(I\d+ +|[-*] |\d+\. )/.exec(text)
  if (mark !== null) return indent + ' '.repeat(mark[0].length)
  return text.startsWith('@') ? `${indent}  ` : indent
}

const split = (text, room) => {
  const at = [...text]
    .slice(0, room + 1)
    .join('')
    .lastIndexOf(' ')
  return at <= 0 ? undefined : [text.slice(0, at), text.slice(at + 1)]
}

const wrap = (lines) => {
  const out = [...lines]
  let inBlock = false
  for (let i = 0; i < out.length; i++) {
    const one = /^(\s*)\/\*\*\s+(.*?)\s*\*\/$/.exec(out[i])
    if (one !== null && width(out[i]) > WIDTH) {
      out.splice(i, 1, `${one[1]}/**`, `${one[1]} * ${one[2]}`, `${one[1]} */`)
    }
    const opens = /^\s*\/\*\*?/.test(out[i]) && !out[i].includes('*/')
    const wasIn = inBlock
    if (opens) inBlock = true
    if (/\*\/\s*$/.test(out[i])) inBlock = false
    if (width(out[i]) <= WIDTH) continue
    const line = parse(out[i], wasIn)
    if (line === undefined) continue
    const flat = isContinuation(out, i, wasIn) ? { ...line, indent: '' } : line
    if (isPicture(flat)) continue
    const parts = split(line.text, WIDTH - width(line.prefix + line.indent))
    if (parts === undefined) continue
    const [head, tail] = parts
    out[i] = line.prefix + line.indent + head
    const next = i + 1 < out.length ? parse(out[i + 1], wasIn) : undefined
    const rest = hanging(line)
    const goesOn =
      next !== undefined &&
      next.prefix === line.prefix &&
      !startsParagraph(next.text) &&
      next.indent === rest &&
      !isPicture({ ...next, indent: '' })
    if (goesOn) out[i + 1] = `${line.prefix}${rest}${tail} ${next.text}`
    else out.splice(i + 1, 0, `${line.prefix}${rest}${tail}`)
  }
  return out
}

for (const path of process.argv.slice(2).flatMap(filesIn)) {
  const before = readFileSync(path, 'utf8')
  const lines = wrap(before.split('\n'))
  const after = lines.join('\n')
  if (after !== before) writeFileSync(path, after)
  lines.forEach((line, i) => {
    if (width(line) > WIDTH && !/https?:\/\/\S+$/.test(line)) {
      console.log(`${path}:${i + 1}: ${width(line)} columns`)
    }
  })
}
