import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface LaunchEntry {
  name: string
  runtimeArgs?: string[]
  program: string
  args: string[]
}

const launch = JSON.parse(readFileSync(`${root}.vscode/launch.json`, 'utf8')) as {
  configurations: LaunchEntry[]
}

/** The line in `file` that holds `text`, counted from 1. */
const lineOf = (file: string, text: string): number => {
  const at = readFileSync(root + file, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text))
  expect(at, `${file} has no line with '${text}'`).toBeGreaterThanOrEqual(0)
  return at + 1
}

/** Where the entry stops first, with a breakpoint on that line. */
const stopOf = (entry: LaunchEntry, file: string, line: number): unknown => {
  const fill = (text: string): string =>
    text.replace(/\$\{workspaceFolder\}\//g, '').replace(/\$\{relativeFile\}/g, file)
  const probe = ['--import', `${root}test/support/breakpoint.mjs`]
  const args = [
    ...probe,
    ...(entry.runtimeArgs ?? []),
    fill(entry.program),
    ...entry.args.map(fill),
  ]
  const run = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, BREAKPOINT: JSON.stringify({ file, line }) },
  })
  const stopped = /^stopped (.*)$/m.exec(run.stderr)?.[1]
  expect(stopped, run.stderr).toBeDefined()
  return JSON.parse(stopped!)
}

test('the launch entry of the journey stops on the very line that the editor shows', () => {
  const entry = launch.configurations.find(({ name }) => name === 'The journey of a record')!
  const file = 'src/producer/internals/RecordAccumulator.ts'
  const line = lineOf(file, 'const topicInfo = this.queues.getOrCreateTopicInfo(record.topic)')
  expect(stopOf(entry, file, line)).toMatchObject({ functionName: 'append', line })
})
