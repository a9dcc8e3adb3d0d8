import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { compared, type Generated, root } from '../../scripts/book/Generated.ts'
import { GENERATORS } from '../../scripts/book/generators.ts'
import { updateCommand } from '../../scripts/book/update.ts'

/** As many lines of the difference as help to see where it is. */
const firstDifference = (wanted: string, found: string): string => {
  const [a, b] = [wanted.split('\n'), found.split('\n')]
  const at = a.findIndex((line, i) => line !== b[i])
  return `line ${at + 1}: ${b[at] ?? '(nothing)'}\n     should be: ${a[at] ?? '(nothing)'}`
}

describe('what is generated is in the tree as it is generated', () => {
  test.each(GENERATORS.filter(({ slow }) => slow !== true))('$name', async (generated) => {
    const differing = (await compared(generated)).filter(({ state }) => state !== 'same')
    const told = differing.map(({ path, wanted, state }) =>
      state === 'missing'
        ? `${path} is missing`
        : `${path}, ${firstDifference(wanted, readFileSync(root + path, 'utf8'))}`,
    )
    expect(told.join('\n'), 'npm run update mends this').toBe('')
  })
})

describe('npm run update', () => {
  mkdirSync(`${root}node_modules/.cache`, { recursive: true })
  const folder = mkdtempSync(`${root}node_modules/.cache/generated-`)
  const below = relative(root, folder).replaceAll('\\', '/')
  afterAll(() => rmSync(folder, { recursive: true }))

  const called = async (wanted: string, ...args: string[]) => {
    const one: Generated = {
      name: 'a table',
      files: async () => new Map([[`${below}/sub/table.md`, wanted]]),
    }
    let out = ''
    const code = await updateCommand(
      args,
      (text) => {
        out += text
      },
      [one],
    )
    return { code, out }
  }

  test('with --check writes nothing and names the file that is missing', async () => {
    expect(await called('first', '--check')).toEqual({
      code: 1,
      out:
        `a table\n  missing    ${below}/sub/table.md\n1 file differs from what is generated: ` +
        'npm run update\n',
    })
  })

  test('writes a file, and leaves it alone when nothing has changed', async () => {
    expect((await called('first')).out).toContain(`  written    ${below}/sub/table.md\n`)
    expect((await called('first')).out).toContain(`  unchanged  ${below}/sub/table.md\n`)
    expect((await called('first', '--check')).code).toBe(0)
  })

  test('with --check names the file that differs', async () => {
    writeFileSync(`${folder}/sub/table.md`, 'by hand')
    const { code, out } = await called('first', '--check')
    expect([code, out]).toEqual([1, expect.stringContaining('differs    ')])
  })

  test('says why a generator failed, and lets the others have their turn', async () => {
    const broken: Generated = {
      name: 'a broken one',
      files: () => Promise.reject(new Error('no such run')),
    }
    const fine: Generated = { name: 'a fine one', files: async () => new Map() }
    let out = ''
    const write = (text: string): void => {
      out += text
    }
    expect(await updateCommand([], write, [broken, fine])).toBe(1)
    expect(out).toBe('a broken one\n  failed     no such run\na fine one\n')
  })

  test.each(['--chekc', 'nobody'])("'%s' is refused with the names that there are", async (arg) => {
    const { code, out } = await called('first', arg)
    expect([code, out]).toEqual([1, expect.stringContaining('  a table\n')])
  })
})
