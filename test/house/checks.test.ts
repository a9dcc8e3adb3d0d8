/**
 * The checks of the house find what they are made for: each is shown a file that breaks its rule.
 */

import { describe, expect, test } from 'vitest'
import { leaks } from './seams.ts'
import {
  defaultExports,
  headless,
  leftovers,
  longFunctions,
  switchedOff,
  tooLong,
  tooWide,
} from './shape.ts'
import { sourceOf } from './sources.ts'
import { moduleState } from './state.ts'
import { emissions } from './traces.ts'

describe('leaks', () => {
  test.each([
    "import { readFileSync } from 'node:fs'",
    "const fs = await import('node:fs')",
    "export { x } from 'node:path'",
    'const now = Date.now()',
    'const now = new Date()',
    'const x = Math.random()',
    'setTimeout(() => {}, 5)',
    'const later = setImmediate',
    'const t = performance.now()',
    "const b = Buffer.from('x')",
    'console.log(1)',
    'const o = { console }',
    'const id = crypto.randomUUID()',
    'process.exit(1)',
    'globalThis.x = 1',
  ])('%s is one', (text) => {
    expect(leaks(sourceOf(text))).toHaveLength(1)
  })

  test.each([
    '// Date.now() and setTimeout',
    "const text = 'Math.random()'",
    'const x = time.performance',
    'interface A { console: string }',
    'class A { setTimeout(): void {} }',
    'const d = new Date(5)',
    'let b: Buffer',
    "import { process } from './process.ts'",
  ])('%s is none', (text) => {
    expect(leaks(sourceOf(text))).toEqual([])
  })

  test('the command line may ask for its arguments', () => {
    expect(leaks(sourceOf('const a = process.argv', 'src/cli/main.ts'))).toEqual([])
  })
})

describe('module state', () => {
  test.each([
    'let x = 1',
    'var x = 1',
    'export let x',
    'const cache = new Map()\nexport const f = (k) => cache.set(k, 1)',
    'const list = []\nfunction f() { list.push(1) }',
    'const o = {}\nconst f = () => { o.x = 1 }',
    'const o = { n: 0 }\nconst f = () => { o.n++ }',
    'const a = [1]\nconst f = () => { a[0]! += 2 }',
    'const o = {}\nconst f = () => { delete o.x }',
    'class A { static count = 0 }',
    'class A { static readonly ALL = new Set()\n m() { A.ALL.add(this) } }',
    'const next = (() => { let n = 0; return () => n++ })()',
  ])('%s is some', (text) => {
    expect(moduleState(sourceOf(text))).toHaveLength(1)
  })

  test.each([
    'const x = 1',
    'const table = new Map()\nfor (const k of [1, 2]) table.set(k, k)',
    'const list = [1]\nconst f = () => list.map((x) => x)',
    'const list = [1]\nconst f = (list) => list.push(1)',
    'const f = () => { const cache = new Map(); cache.set(1, 1) }',
    'class A { static readonly ONE = new A()\n static of() { return A.ONE } }',
    'class A { private n = 0\n m() { this.n++ } }',
    'const t = (() => { const a = []; for (let i = 0; i < 9; i++) a.push(i); return a })()',
  ])('%s is none', (text) => {
    expect(moduleState(sourceOf(text))).toEqual([])
  })
})

describe('emissions', () => {
  test('are known by class and method, also from inside a function of the method', () => {
    const [first, second] = emissions(
      sourceOf(`class Sender {
        runOnce() {
          if (this.trace.enabled) this.trace.emit('a.b', {})
          list.forEach(() => {
            if (this.trace.enabled) {
              this.trace.emit('c.d', { n: 1 })
            }
          })
        }
      }`),
    )

    expect(first).toMatchObject({ name: 'a.b', point: 'Sender.runOnce', guarded: true })
    expect(second).toMatchObject({ name: 'c.d', point: 'Sender.runOnce', guarded: true })
  })

  test('without a question, or with the name on another line, are told apart', () => {
    const [bare, broken, early] = emissions(
      sourceOf(`class A {
        m() { this.trace.emit('a', {}) }
        n() { if (this.trace.enabled) this.trace.emit(
          'b', {}) }
        o() { if (!this.trace.enabled) return; this.trace.emit('c', {}) }
      }`),
    )

    expect(bare).toMatchObject({ guarded: false, onEmitLine: true })
    expect(broken).toMatchObject({ guarded: true, onEmitLine: false })
    expect(early).toMatchObject({ guarded: true, onEmitLine: true })
  })

  test('outside a class are known by file and function', () => {
    const [one] = emissions(sourceOf("export const send = () => { trace.emit('a', {}) }"))
    expect(one?.point).toBe('Example.send')
  })
})

describe('shape', () => {
  test('length and width are counted as seen', () => {
    expect(tooLong(sourceOf('x\n'.repeat(400)))).toEqual([])
    expect(tooLong(sourceOf('x\n'.repeat(401)))).toHaveLength(1)
    expect(tooLong(sourceOf('x\n'.repeat(500), 'src/protocol/messages/Fetch.ts'))).toEqual([])
    expect(tooWide(sourceOf(`${'→'.repeat(100)}\n${'x'.repeat(101)}`))).toHaveLength(1)
  })

  test('a function is measured from its first line to its last', () => {
    const body = (lines: number) => `class A { m() {\n${'x()\n'.repeat(lines)}} }`
    expect(longFunctions(sourceOf(body(58)))).toEqual([])
    expect(longFunctions(sourceOf(body(59)))).toHaveLength(1)
  })

  test('a head comment stands first', () => {
    expect(headless(sourceOf('/** What. */\nimport x'))).toEqual([])
    expect(headless(sourceOf('#!/usr/bin/env node\n/** What. */'))).toEqual([])
    expect(headless(sourceOf("import x from 'y'\n/** What. */"))).toHaveLength(1)
  })

  test('default exports, leftovers and switched-off tests are found', () => {
    expect(defaultExports(sourceOf('export default 1'))).toHaveLength(1)
    expect(defaultExports(sourceOf('export default class A {}'))).toHaveLength(1)
    expect(defaultExports(sourceOf('export const a = 1'))).toEqual([])
    const word = ['TO', 'DO'].join('')
    expect(leftovers(sourceOf(`// ${word}: later`))).toHaveLength(1)
    expect(leftovers(sourceOf(`// ${['', 'home', 'me'].join('/')}`))).toHaveLength(1)
    expect(leftovers(sourceOf('// a/work/b and https://x.org/home/y'))).toEqual([])
    expect(switchedOff(sourceOf(`test${'.'}skip('x', () => {})`))).toHaveLength(1)
  })
})
