/** axe looks at every kind of page, by lamp and by day, and at a chapter with everything opened. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newReader, type Reader } from './support/browser.ts'
import { CHAPTERS, startAllLabs } from './support/chapter.ts'
import { builtPages, SOURCE_SAMPLE } from './support/site.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const oneOf = (folder: string): string[] =>
  builtPages()
    .filter((path) => path.startsWith(`/api/`) && path.includes(`/${folder}/`))
    .slice(0, 1)

/** Of every kind one or more. */
const KINDS = [
  ...['/', '/use/client', '/use/embedded-cluster', '/kafka-version', '/dependencies'],
  '/benchmarks',
  ...['configuration', 'errors', 'notes', 'rosetta', 'simplified', 'glossary'].map(
    (name) => `/reference/${name}`,
  ),
  ...['/source/', ...SOURCE_SAMPLE.slice(0, 2)],
  ...['/api/', ...oneOf('classes'), ...oneOf('functions'), '/404'],
]
/** The kinds that have colours of their own. */
const KINDS_IN_THE_DARK = [
  ...['/', '/use/client', '/reference/configuration', '/reference/notes'],
  ...SOURCE_SAMPLE.slice(0, 1),
  ...oneOf('classes'),
]

/** A violation in a line: what, where, and why. */
const violations = async (page: Page, rules?: string[]): Promise<string[]> => {
  await page.evaluate(AXE)
  const { violations: found } = await page.evaluate(async (only) => {
    const { axe } = window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }
    // The nodes that pass are not asked for: of a long page they are thousands.
    return await axe.run({ resultTypes: ['violations'], ...(only && { runOnly: only }) })
  }, rules)
  return found.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) =>
        `${id}: ${target.join(' ')}: ${(failureSummary ?? '').replace(/\s+/g, ' ').slice(0, 300)}`,
    ),
  )
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  let reader: Reader
  /** The lamp changes colours, and nothing else. */
  const rules = theme === 'dark' ? ['color-contrast'] : undefined
  beforeAll(async () => {
    reader = await newReader({ theme, calm: true })
  })
  afterAll(() => reader.close())

  test.each(theme === 'light' ? KINDS : KINDS_IN_THE_DARK)('%s has no violation', async (path) => {
    await reader.open(path)
    expect(await reader.page.locator('html.dark').count()).toBe(theme === 'dark' ? 1 : 0)
    expect(await violations(reader.page, rules)).toEqual([])
  })

  describe.each(CHAPTERS)('%s', (chapter) => {
    test.each(theme === 'light' ? [1440, 390] : [1440])(
      'has none with everything opened, %i px',
      async (width) => {
        const { page } = reader
        await page.setViewportSize({ width, height: 900 })
        await reader.open(chapter)
        // Once is enough of what it comes with: opening hides nothing but what is switched off.
        if (theme === 'light' && width === 1440) expect(await violations(page)).toEqual([])
        await startAllLabs(reader)
        // The text of a name stays open as long as the name has the focus, and no pointer rests
        // on another.
        await page.mouse.move(2, 2)
        await page.locator('pre.code:has([data-t])').first().focus()
        await page.keyboard.press('Enter')
        await page.getByRole('tooltip').waitFor()
        expect(await violations(page, rules)).toEqual([])
      },
    )
  })
})
