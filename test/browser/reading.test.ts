/**
 * What a reader does with any page: looks for a word, turns the lamp, goes on, uses the keyboard.
 */

import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { eventually, newReader, origin, type Reader, type View } from './support/browser.ts'
import { ACCUMULATOR, CHAPTER, Plate, SmallFigure } from './support/chapter.ts'

let reader: Reader
afterEach(async () => {
  const { problems } = reader
  await reader.close()
  expect(problems).toEqual([])
})

const reading = async (path: string, view: View = {}): Promise<Page> => {
  reader = await newReader(view)
  await reader.open(path)
  return reader.page
}

const isDark = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.classList.contains('dark'))

test('the search finds "accumulator", and goes to a page that has it', async () => {
  const page = await reading('/')
  const box = page.getByRole('dialog', { name: 'Search' })
  await page.keyboard.press('/')
  await box.waitFor()
  await page.keyboard.press('Escape')
  await box.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Search' }).click()
  await box.getByRole('textbox').fill('accumulator')
  await eventually(() => box.getByRole('listitem').count()).toBeGreaterThan(0)
  await page.keyboard.press('Enter')
  await box.waitFor({ state: 'hidden' })
  await eventually(() => new URL(page.url()).pathname).not.toBe('/')
  await eventually(() => page.locator('main').innerText()).toMatch(/accumulator/i)
})

test('the search finds a name of the source, before all prose, and goes to its line', async () => {
  const page = await reading('/')
  await page.getByRole('button', { name: 'Search' }).click()
  const box = page.getByRole('dialog', { name: 'Search' })
  await box.getByRole('textbox').fill('RecordAccumulator.drain')
  const first = box.getByRole('listitem').first().getByRole('link')
  await eventually(() => first.getAttribute('href')).toMatch(
    /^\/source\/src\/producer\/internals\/RecordAccumulator#L\d+$/,
  )
  const href = await first.getAttribute('href')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${origin}${href}`)
  await eventually(() => page.locator('.ln.is-target').innerText()).toMatch(/\bdrain\(/)
})

test('the Rosetta table is narrowed to the rows with a word, and whole again', async () => {
  const page = await reading('/reference/rosetta')
  const rows = page.locator('.rosetta tbody tr').locator('visible=true')
  const all = await rows.count()
  expect(all).toBeGreaterThan(100)
  const word = page.getByRole('searchbox', { name: 'Only rows with' })
  await word.fill('BufferPool')
  await eventually(() => rows.count()).toBeLessThan(20)
  const found = await rows.allInnerTexts()
  expect(found.length).toBeGreaterThan(0)
  expect(found.filter((text) => !/bufferpool/i.test(text))).toEqual([])
  const said = found.length === 1 ? '1 row' : `${found.length} rows`
  expect(await page.locator('.rosetta-filter').getByRole('status').innerText()).toBe(said)
  expect(await page.locator('.rosetta h3, h3 + .table').locator('visible=true').count()).toBe(2)
  await word.fill('no such class')
  await eventually(() => rows.count()).toBe(0)
  await word.fill('')
  await eventually(() => rows.count()).toBe(all)
  // A row leads to the annotated source.
  await word.fill('org.apache.kafka.clients.producer.internals.bufferpool')
  await word.fill('BufferPool')
  await rows.locator('a[href^="/source/"]').first().click()
  await page.waitForURL(/\/source\/src\//)
})

test('hints, the answer and the ways to break it are folded, and unfold', async () => {
  const page = await reading(ACCUMULATOR)
  const exercise = page.locator('section.try[id^="exercise"]').first()
  const folded = exercise.locator('details')
  const names = await folded.locator('> summary').allInnerTexts()
  expect(names).toEqual(['Hint 1', 'Hint 2', 'Hint 3', 'An answer'])
  const code = exercise.locator('pre.code')
  expect(await code.isVisible()).toBe(false)
  await folded.first().locator('summary').press('Enter')
  expect(await folded.first().locator('.answer-text').isVisible()).toBe(true)
  expect(await folded.nth(1).locator('.answer-text').isVisible()).toBe(false)
  await folded.last().locator('summary').click()
  await eventually(() => code.isVisible()).toBe(true)
  const broken = page.locator('#break-it details').first()
  await broken.locator('summary').click()
  await eventually(() => broken.locator('pre.code del').first().isVisible()).toBe(true)
  expect(await broken.locator('pre.code ins').count()).toBeGreaterThan(0)
  expect(await broken.getByText(/tests? notices?:/).isVisible()).toBe(true)
})

test('a source page is whole on paper: comments, all lines, no fold', async () => {
  const path = '/source/src/producer/internals/RecordAccumulator'
  const page = await reading(path, { width: 1024 })
  await page.emulateMedia({ media: 'print' })
  expect(await page.locator('h1').isVisible()).toBe(true)
  expect(await page.locator('.essay').isVisible()).toBe(true)
  const lines = await page.locator('.strips .ln').count()
  expect(lines).toBeGreaterThan(200)
  expect(await page.locator('.strip:not(details) .ln').locator('visible=true').count()).toBe(
    await page.locator('.strip:not(details) .ln').count(),
  )
  const pressed = page.locator('button, input, select').locator('visible=true')
  expect(await pressed.count()).toBe(0)
  const wide = await page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth)
  expect(wide).toBeLessThanOrEqual(0)
})

test('the lamp stays as it was turned', async () => {
  const page = await reading(CHAPTER)
  expect(await isDark(page)).toBe(false)
  const paper = await page.evaluate(
    () => getComputedStyle(document.documentElement).backgroundColor,
  )
  await page.locator('button.lamp').click()
  expect(await isDark(page)).toBe(true)
  await eventually(() =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor),
  ).not.toBe(paper)
  await reader.open('/use/client')
  expect(await isDark(page)).toBe(true)
  await page.locator('button.lamp').click()
  await page.reload()
  expect(await isDark(page)).toBe(false)
})

test('a page leads to the next one, and back', async () => {
  const page = await reading('/use/client')
  await page.locator('a[rel=next]').click()
  await page.waitForURL(`${origin}/use/configuring-a-producer`)
  await eventually(() => page.locator('a[rel=prev]').getAttribute('href')).toBe('/use/client')
  await page.locator('a[rel=prev]').click()
  await page.waitForURL(`${origin}/use/client`)
})

test('on a telephone the contents are on a sheet, which closes when a page is chosen', async () => {
  const page = await reading('/use/client', { width: 390, height: 844 })
  await page.getByRole('button', { name: 'Contents' }).click()
  const sheet = page.getByRole('dialog', { name: 'Contents' })
  await sheet.waitFor()
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Contents' }).click()
  await sheet.getByRole('link', { name: 'As a cluster in your tests' }).click()
  await page.waitForURL(`${origin}/use/embedded-cluster`)
  await sheet.waitFor({ state: 'hidden' })
})

test('the first Tab offers to skip to the text', async () => {
  const page = await reading(CHAPTER)
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: /skip/i })
  expect(await skip.evaluate((link) => link === document.activeElement)).toBe(true)
  const box = await skip.boundingBox()
  expect(box?.y).toBeGreaterThanOrEqual(0)
  await page.keyboard.press('Enter')
  await eventually(() => page.evaluate(() => document.activeElement?.id)).toBe('main')
})

test('Tab reaches every control of the lab, and shows where it is', async () => {
  const page = await reading(CHAPTER)
  const plate = new Plate(page)
  await plate.start()
  // In the middle of the run, so that nothing is switched off for standing at an end.
  await plate.log.locator('li button').nth(9).click()
  await plate.plate.focus()
  const missed = await plate.root.evaluate((lab) => {
    const all = lab.querySelectorAll<HTMLElement>('a, button, input, select, [tabindex="0"]')
    const open = [...all].filter((e) => e.tabIndex >= 0 && !e.matches(':disabled, .lab-plate'))
    open.forEach((e, i) => {
      e.dataset['stop'] = String(i)
    })
    return open.length
  })
  const reached = new Set<string>()
  const unseen: string[] = []
  for (let tabs = 0; tabs < missed + 5; tabs++) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(() => {
      const e = document.activeElement as HTMLElement
      // A ring may be drawn around the element or around the label that stands for it.
      const ring = [e, e.parentElement!, e.closest('label') ?? e].some((one) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
        const outlined = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0
        return outlined || boxShadow !== 'none'
      })
      const group = e instanceof HTMLInputElement && e.type === 'radio' ? e.name : null
      return {
        id: e.dataset['stop'],
        ring,
        group,
        name: e.getAttribute('aria-label') ?? e.innerText,
      }
    })
    if (stop.id === undefined) continue
    reached.add(stop.id)
    if (!stop.ring) unseen.push(stop.name)
    // A group of radio buttons is one stop; the arrows go on inside.
    if (stop.group === null) continue
    const others = page.locator(`input[name="${stop.group}"]`)
    for (const id of await others.evaluateAll((all) =>
      all.map((e) => (e as HTMLElement).dataset['stop'] ?? ''),
    )) {
      reached.add(id)
    }
  }
  expect(unseen).toEqual([])
  const all = Array.from({ length: missed }, (_, i) => String(i))
  const lost = all.filter((id) => !reached.has(id))
  const names = lost.map((id) =>
    page.locator(`[data-stop="${id}"]`).evaluate((e) => e.outerHTML.slice(0, 120)),
  )
  expect(await Promise.all(names)).toEqual([])
})

test('on paper there is prose and there are pictures, and nothing to press', async () => {
  const page = await reading(CHAPTER, { width: 1024 })
  const plate = new Plate(page)
  const figure = new SmallFigure(page, 1)
  await figure.start()
  await plate.start()
  await page.emulateMedia({ media: 'print' })
  const pressed = await page
    .locator('button, input, select, form')
    .evaluateAll((all) =>
      all
        .filter((e) => e.checkVisibility({ visibilityProperty: true }))
        .map((e) => e.outerHTML.slice(0, 100)),
    )
  expect(pressed).toEqual([])
  expect(await page.locator('h1').isVisible()).toBe(true)
  expect(await plate.stage.isVisible()).toBe(true)
  expect(await figure.picture.isVisible()).toBe(true)
})
