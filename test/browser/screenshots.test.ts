/**
 * Pictures for people to look at, in `test/browser/screenshots/`. Nothing is compared: a test can
 * say that a page is right, and only an eye that it is good.
 */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, newReader, type Reader } from './support/browser.ts'
import { ACCUMULATOR, CHAPTER, FIGURES, Plate, POOL, SmallFigure, Tour } from './support/chapter.ts'
import { builtPages, ROOT } from './support/site.ts'

const FOLDER = join(ROOT, 'test/browser/screenshots')
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
]

beforeAll(() => {
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
})

const apiPage = builtPages().find((path) => path.startsWith('/api/') && path.includes('/classes/'))
/** The width between the two is for what wraps, which the lamp does not change. */
const views = SIZES.flatMap((size) =>
  (size.width === 1024 ? (['light'] as const) : (['light', 'dark'] as const)).map((theme) => ({
    ...size,
    theme,
    name: `${size.width}-${theme}`,
  })),
)

/** Sends a second text after the first, and stops in the middle of the way. */
const toTheMiddle = async (plate: Plate): Promise<void> => {
  await plate.start()
  await plate.range('linger').fill('20')
  await plate.text.fill('and another')
  await plate.button('Send').click()
  await eventually(() => plate.forks()).toContain('Send')
  const story = await plate.story()
  const at = story.findIndex((line) => /is read from|are read from/.test(line))
  await plate.slider.fill(String(at + 2))
  await eventually(() => plate.position()).toBe(at + 2)
}

/** Each small figure in the middle of its play. */
const playFigures = async ({ page }: Reader): Promise<void> => {
  const figures = FIGURES.map((number) => new SmallFigure(page, number))
  for (const figure of figures) await figure.start()
  for (const figure of figures) await figure.play.click()
  await page.clock.runFor(3000)
  for (const figure of figures) await figure.play.click()
}

/** The record of the first page, in the broker's log. */
const toTheLog = async ({ page }: Reader): Promise<void> => {
  const says = page.locator('.journey-says')
  const step = page.getByRole('button', { name: 'One step' })
  for (let said = ''; !/grows by/.test(said); said = await says.innerText()) {
    await eventually(async () => {
      await step.click()
      return says.innerText()
    }).not.toBe(said)
  }
}

describe.each(views)('at $name', ({ name, width, height, theme }) => {
  test('home, the chapters, their labs and tours, a source and an API page are drawn', async () => {
    const reader = await newReader({ width, height, theme, calm: true })
    const { page } = reader
    await page.clock.install()
    const shoot = (what: string, fullPage: boolean) =>
      page.screenshot({ path: join(FOLDER, `${what}-${name}.png`), fullPage })

    await reader.open('/')
    await toTheLog(reader)
    await shoot('home', false)
    if (theme === 'light') await shoot('home-whole', true)

    await reader.open(CHAPTER)
    await shoot('chapter-top', false)
    await playFigures(reader)
    const plate = new Plate(page)
    await toTheMiddle(plate)
    await reader.settled()
    await plate.root.screenshot({ path: join(FOLDER, `lab-${name}.png`) })
    if (theme === 'light') await shoot('chapter-whole', true)

    for (const [what, chapter] of [
      ['accumulator', ACCUMULATOR],
      ['pool', POOL],
    ] as const) {
      await reader.open(chapter)
      const lab = new Plate(page)
      await lab.start()
      await lab.log.locator('li button').nth(50).click()
      await eventually(() => lab.position()).toBe(50)
      const tour = new Tour(page)
      await tour.jumps.nth(3).click()
      await reader.settled()
      await lab.root.screenshot({ path: join(FOLDER, `${what}-lab-${name}.png`) })
      await tour.root.screenshot({ path: join(FOLDER, `${what}-tour-${name}.png`) })
      // Of the rest, which is longer than a picture can be: the exercise with its answer.
      const exercise = page.locator('section.try').first()
      await exercise.locator('summary').last().click()
      await exercise.screenshot({ path: join(FOLDER, `${what}-exercise-${name}.png`) })
    }
    await reader.open('/source/src/producer/internals/RecordAccumulator')
    await shoot('source', false)

    if (apiPage !== undefined) {
      await reader.open(apiPage)
      await shoot('api', false)
    }
    await reader.close()
    expect(reader.problems).toEqual([])
  })
})
