import { describe, expect, test } from 'vitest'
import { chapterCommand, chapterNamed } from '../../scripts/chapter.ts'

const JOURNEY = '00-the-journey-of-a-record'

const called = async (...args: string[]) => {
  let [out, err] = ['', '']
  const code = await chapterCommand(
    args,
    (text) => {
      out += text
    },
    (text) => {
      err += text
    },
  )
  return { code, out, err }
}

describe('npm run chapter', () => {
  test.each(['0', '00', JOURNEY, `chapters/${JOURNEY}/`])("'%s' is chapter 0", (name) => {
    expect(chapterNamed(name)?.folder).toBe(JOURNEY)
  })

  test('tells the story of the chapter', async () => {
    const { code, out, err } = await called('0')
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^Act 1\. .*\n/)
  })

  test('lists the chapters that can be run', async () => {
    const { code, out } = await called('--list')
    expect(code).toBe(0)
    expect(out).toContain('  00  The journey of a record\n')
  })

  test.each(['99', '0x0', 'journey', '-1'])(
    "refuses '%s' and lists what there is",
    async (name) => {
      const { code, out, err } = await called(name)
      expect([code, out]).toEqual([1, ''])
      expect(err).toContain(`'${name}'`)
      expect(err).toContain('  00  The journey of a record\n')
    },
  )

  test('without a number it says how it is called', async () => {
    const { code, err } = await called()
    expect(code).toBe(1)
    expect(err).toContain('npm run chapter <number>')
  })
})
