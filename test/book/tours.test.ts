import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RecordedTour, Tour } from '../../lab/Tour.ts'
import { cached, hashOf } from '../../scripts/book/cache.ts'
import { root } from '../../scripts/book/Generated.ts'
import { chaptersWithTour, tourOf } from '../../scripts/book/tour/chapterTours.ts'
import { driftOf } from '../../scripts/book/tour/drift.ts'
import { hashOfTour, tourGenerated, tourPath } from '../../scripts/book/tour/generated.ts'
import { type LaunchEntry, launchEntry } from '../../scripts/book/tour/launch.ts'
import { recordTour } from '../../scripts/book/tour/record.ts'

/** For all recordings together, on a machine that is busy: each ends by its own deadline. */
const SLOW_MS = 300_000

const tours = await Promise.all(chaptersWithTour().map(tourOf))

const storedTour = (path: string): RecordedTour =>
  JSON.parse(readFileSync(root + path, 'utf8')) as RecordedTour

describe('a tour, recorded anew, is what its page shows', () => {
  let files: ReadonlyMap<string, string>
  beforeAll(async () => {
    files = await tourGenerated.files()
  }, SLOW_MS)

  test.each(tours)('chapter $number', (one) => {
    const path = tourPath(one)
    expect(existsSync(root + path), `${path} is missing: npm run update`).toBe(true)
    const text = files.get(path)!
    expect(driftOf(storedTour(path), JSON.parse(text)), 'npm run update records it').toEqual([])
    expect(text).toBe(readFileSync(root + path, 'utf8'))
  })

  test.each(tours)('and looking on has changed nothing in chapter $number', ({ dir, ...one }) => {
    const golden = readFileSync(`${root}${dir}/demo.out`, 'utf8')
    const { output } = storedTour(tourPath({ dir, ...one }))
    expect(golden.slice(0, output.length)).toBe(output)
  })
})

/** Where the program of the entry stops by itself. */
const stopsOf = async (entry: LaunchEntry): Promise<{ line: number; url: string }[]> => {
  const fill = (text: string): string => text.replaceAll(/\$\{workspaceFolder\}\/?/g, root)
  const args = [
    ...['--import', `${root}test/support/debuggerStatements.mjs`],
    ...(entry.runtimeArgs ?? []),
    fill(entry.program),
    ...entry.args,
  ]
  const options = { cwd: root, timeout: 60_000, stdio: ['ignore', 'ignore', 'pipe'] as const }
  const program = spawn(process.execPath, args, { ...options, stdio: [...options.stdio] })
  let text = ''
  program.stderr?.on('data', (chunk) => {
    text += String(chunk)
  })
  const [code] = await once(program, 'close')
  expect(code, text).toBe(0)
  return [...text.matchAll(/^stopped (.*)$/gm)].map(([, stop]) => JSON.parse(stop!))
}

test.each(tours)(
  'the launch entry of tour $number stops where the recording stops, in the same order',
  async (one) => {
    const launch = JSON.parse(readFileSync(`${root}.vscode/launch.json`, 'utf8'))
    const { name } = launchEntry(one)
    const entry = launch.configurations.find((other: LaunchEntry) => other.name === name)
    expect(entry, `${name} is not in .vscode/launch.json: npm run update`).toBeDefined()
    // The same files, and the same entry: it stops where it stopped.
    const key = hashOf({ texts: [hashOfTour(one), JSON.stringify(entry)] })
    const stopped = await cached('launches', key, () => stopsOf(entry))
    const places = stopped.map(({ url, line }) => `${url.split(root)[1]}:${line}`)
    const { stops } = storedTour(tourPath(one))
    expect(places).toEqual(stops.map(({ path, line }) => `${path}:${line}`))
  },
  SLOW_MS,
)

describe('a tour that cannot be walked says why', () => {
  // Beside the chapters, because only their files, the lab's and the source's are walked through.
  const folder = mkdtempSync(`${root}chapters/tour-under-test-`)
  const name = folder.slice(folder.lastIndexOf('/') + 1)
  const demo = `${folder}/walkUnderTest.ts`
  writeFileSync(
    demo,
    `const add = (sum: number, n: number): number => sum + n

const walkUnderTest = async (write: (text: string) => void): Promise<number> => {
  let sum = 0
  for (let n = 1; n <= 3; n++) {
    sum = add(sum, n)
    await Promise.resolve()
  }
  write('walked\\n')
  return sum
}

export const demo = async (write: (text: string) => void): Promise<void> => {
  await walkUnderTest(write)
  if (process.env.TOUR_NEVER_ENDS !== undefined) for (;;) await new Promise(setImmediate)
}
`,
  )
  afterAll(() => rmSync(folder, { recursive: true }))

  const walk = (stops: readonly Partial<Tour['stops'][number]>[], deadlineMs?: number) =>
    recordTour(
      {
        demo,
        tour: {
          title: 'Adding',
          stops: stops.map((stop) => ({ at: 'walkUnderTest', watch: [], why: 'Look.', ...stop })),
        },
      },
      deadlineMs,
    )
  const path = `chapters/${name}/walkUnderTest.ts`

  test('and one that can shows values, the stack over an await, and what was printed', async () => {
    const { stops, output } = await walk([
      { line: 'sum = add', when: 'n > 1', watch: ['n', 'sum'] },
      { at: 'walkUnderTest#add', line: 'sum + n', hit: 2, watch: ['[sum, n]'] },
      { line: 'return sum', watch: ['sum'] },
    ])
    expect(stops.map(({ line, values }) => [line, values])).toEqual([
      [6, { n: '2', sum: '1' }],
      [1, { '[sum, n]': '[3, 3]' }],
      [10, { sum: '6' }],
    ])
    expect(stops[0]!.stack).toEqual([
      { name: 'walkUnderTest', path, line: 6 },
      { name: 'demo', path, line: 14, earlier: true },
    ])
    expect(stops[1]!.stack.map((frame) => frame.name)).toEqual(['add', 'walkUnderTest', 'demo'])
    expect(output.slice(0, stops[2]!.printed)).toBe('walked\n')
  })

  test('when no stop is there: which one, where, and how often the line was passed', async () => {
    const missed = walk([{ line: 'let sum' }, { line: 'sum = add', when: 'n > 7' }])
    await expect(missed).rejects.toThrow(
      "Stop 2 (walkUnderTest, line 'sum = add', when n > 7) was not reached: " +
        `${path}:6, 'sum = add(sum, n)' was passed 3 times after stop 1. ` +
        'The condition held 0 times.',
    )
  })

  test('when the stops are in another order than the program', async () => {
    const missed = walk([{ line: 'return sum' }, { line: 'let sum' }])
    await expect(missed).rejects.toThrow(/Stop 2 .* was never passed after stop 1\./)
  })

  test('when a symbol or the words of a line mean nothing', async () => {
    await expect(walk([{ at: 'walkBackwards' }])).rejects.toThrow(/walkBackwards/)
    await expect(walk([{ line: 'no such words' }])).rejects.toThrow(/has 'no such words'/)
  })

  test('when an expression or a condition throws', async () => {
    await expect(walk([{ line: 'let sum', watch: ['nobody.knows'] }])).rejects.toThrow(
      /cannot watch 'nobody.knows' at .*:4, 'let sum = 0': ReferenceError: nobody is not defined/,
    )
    await expect(walk([{ line: 'let sum', when: 'nobody' }])).rejects.toThrow(
      /the condition 'nobody' failed at .*ReferenceError/,
    )
  })

  test('when the demo does not end', async () => {
    process.env.TOUR_NEVER_ENDS = 'yes'
    try {
      const missed = walk([{ line: 'let sum', hit: 2 }], 3_000)
      await expect(missed).rejects.toThrow('The tour was not walked within 3 s.')
    } finally {
      delete process.env.TOUR_NEVER_ENDS
    }
  })
})
