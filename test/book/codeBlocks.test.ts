/**
 * Every block of TypeScript or JavaScript on a page of the book, except listings, which are the
 * source itself: type-checked, all in one program, and run.
 *
 * A block says `annotated-kafka` and gets `src/`. One that speaks to `localhost:9092`, as a
 * reader's own program would, finds an embedded broker there: its address is put in that place,
 * since a test must not take a fixed port. A block with tests in it adds them to this suite.
 */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { type Program, programsOf } from './codeBlocks.ts'

const ROOT = join(import.meta.dirname, '../..')
const ENTRY_POINTS: Readonly<Record<string, string>> = {
  'annotated-kafka': 'src/index.ts',
  'annotated-kafka/broker': 'src/broker/index.ts',
  'annotated-kafka/testing': 'src/testing/index.ts',
}
const BROKER = 'localhost:9092'

const directory = mkdtempSync(join(tmpdir(), 'code-blocks-'))
const programs = pages().flatMap((page) => programsOf(join(ROOT, page), page))
const files = new Map(programs.map((program) => [program, fileOf(program)]))

/** Pages that people write; `docs/api` is made of the sources. */
function pages(): string[] {
  const inFolder = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md') && !/^(api|\.vitepress)[\\/]/.test(path))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
  return [...inFolder('docs'), ...inFolder('chapters')].sort()
}

function fileOf({ page, line }: Program): string {
  return join(directory, page.replace(/\.md$/, ''), `line-${line}.ts`)
}

const hasTests = ({ code }: Program): boolean => /from 'vitest'/.test(code)

const write = (program: Program, bootstrapServers: string): void => {
  const code = program.code
    .replace(/(from|import) '(annotated-kafka[^']*)'/g, (all, word: string, name: string) =>
      name in ENTRY_POINTS ? `${word} '${join(ROOT, ENTRY_POINTS[name]!)}'` : all,
    )
    .replaceAll(BROKER, bootstrapServers)
  mkdirSync(dirname(files.get(program)!), { recursive: true })
  writeFileSync(files.get(program)!, code)
}

const typeErrors = (): string[] => {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT)
  // An example may name something that it does not go on to use.
  Object.assign(options, { noUnusedLocals: false, incremental: false, tsBuildInfoFile: undefined })
  const checked = ts.createProgram([...files.values()], options)
  return [...files].flatMap(([{ page }, file]) => {
    const source = checked.getSourceFile(file)!
    const found = [
      ...checked.getSyntacticDiagnostics(source),
      ...checked.getSemanticDiagnostics(source),
    ]
    return found.map(({ start, messageText }) => {
      const { line } = source.getLineAndCharacterOfPosition(start ?? 0)
      return `${page}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
  })
}

const cluster = await EmbeddedCluster.start({
  // A reader's broker would wait three seconds for more members of a new group.
  config: { 'num.partitions': 3, 'group.initial.rebalance.delay.ms': 0 },
})
symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'dir')
writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
for (const program of programs) write(program, cluster.bootstrapServers)

afterAll(async () => {
  await cluster.close()
  rmSync(directory, { recursive: true })
})

test('there are blocks to check', () => {
  expect(programs.length).toBeGreaterThan(0)
})

test('every block compiles', () => {
  expect(typeErrors()).toEqual([])
})

for (const program of programs.filter(({ noRun }) => noRun === null)) {
  const { page, line, prints } = program
  const file = files.get(program)!
  if (hasTests(program)) {
    describe(`${page}:${line}`, () => import(/* @vite-ignore */ file))
    continue
  }
  test(`${page}:${line} runs, and prints what it says`, async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    try {
      await import(/* @vite-ignore */ file)
      expect(log.mock.calls.map((words) => words.join(' '))).toEqual(prints)
    } finally {
      log.mockRestore()
    }
  })
}
