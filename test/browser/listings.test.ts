/** The names in a listing: what each is, and where it leads. */

import type { Locator, Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { drawn, eventually, newReader, origin, type Reader, type View } from './support/browser.ts'
import { ACCUMULATOR, CHAPTER, SmallFigure } from './support/chapter.ts'

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

const LISTING = 'figure[id="listing-RecordAccumulator.tryAppend"]'
const codeOf = (page: Page): Locator => page.locator(LISTING).locator('pre.code')
const hoverOf = (page: Page): Locator => page.getByRole('tooltip')
/** The name that leads to the source, and what its text says of it. */
const linkOf = (page: Page): Locator => codeOf(page).locator('a[data-t][href^="/source/"]').first()

test('the pointer on a name shows its type and where it leads, until it goes away', async () => {
  const page = await reading(ACCUMULATOR)
  const link = linkOf(page)
  const href = (await link.getAttribute('href'))!
  await link.hover()
  await hoverOf(page).waitFor()
  const said = await hoverOf(page).innerText()
  expect(said).toContain(await link.innerText())
  expect(said).toContain(href.replace(/^\/source\/(.*)#L(\d+)$/, '$1.ts, line $2'))
  expect(await link.getAttribute('aria-describedby')).toBe(await hoverOf(page).getAttribute('id'))
  // It stands beside the name, inside the window, and the pointer may go over to it.
  const [name, box] = [(await link.boundingBox())!, (await hoverOf(page).boundingBox())!]
  expect(box.x).toBeGreaterThanOrEqual(0)
  expect(box.x + box.width).toBeLessThanOrEqual(1440)
  expect(
    Math.min(Math.abs(box.y - name.y - name.height), Math.abs(name.y - box.y - box.height)),
  ).toBeLessThan(12)
  await hoverOf(page).hover()
  await drawn(page)
  expect(await hoverOf(page).innerText()).toBe(said)
  await page.mouse.move(2, 2)
  await hoverOf(page).waitFor({ state: 'hidden' })
})

test('Enter goes to the names of a listing, arrows move, Escape closes and leaves', async () => {
  const page = await reading(ACCUMULATOR)
  const code = codeOf(page)
  await code.focus()
  expect(await hoverOf(page).count()).toBe(0)
  const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).innerText)
  const names = await code.locator('[data-t]').allInnerTexts()
  await page.keyboard.press('Enter')
  await eventually(focused).toBe(names[0])
  await hoverOf(page).waitFor()
  await page.keyboard.press('ArrowRight')
  await eventually(focused).toBe(names[1])
  await eventually(() => hoverOf(page).innerText()).toContain(names[1])
  await page.keyboard.press('ArrowLeft')
  await eventually(focused).toBe(names[0])
  const lineOf = () =>
    page.evaluate(() => document.activeElement!.closest('.ln')!.querySelector('i')!.innerText)
  const line = Number(await lineOf())
  await page.keyboard.press('ArrowDown')
  await eventually(async () => Number(await lineOf())).toBeGreaterThan(line)
  await page.keyboard.press('ArrowUp')
  await eventually(async () => Number(await lineOf())).toBe(line)
  await page.keyboard.press('End')
  await eventually(focused).toBe(names.at(-1))
  await page.keyboard.press('Escape')
  await hoverOf(page).waitFor({ state: 'hidden' })
  await page.keyboard.press('Escape')
  expect(await code.evaluate((one) => one === document.activeElement)).toBe(true)
})

test('a tap shows the text, a tap elsewhere closes it, a second one on the name follows', async () => {
  reader = await newReader({ width: 390, height: 844, touch: true })
  await reader.open(ACCUMULATOR)
  const { page } = reader
  const link = linkOf(page)
  const href = await link.getAttribute('href')
  await link.scrollIntoViewIfNeeded()
  await link.tap()
  await hoverOf(page).waitFor()
  const box = (await hoverOf(page).boundingBox())!
  expect(box.x).toBeGreaterThanOrEqual(0)
  expect(box.x + box.width).toBeLessThanOrEqual(390)
  await codeOf(page).locator('i').first().tap()
  await hoverOf(page).waitFor({ state: 'hidden' })
  await link.tap()
  await hoverOf(page).waitFor()
  expect(page.url()).toBe(`${origin}${ACCUMULATOR}`)
  await link.tap()
  await page.waitForURL(`${origin}${href}`)
})

test('a link in a listing leads to its line on the source page, and lights it', async () => {
  const page = await reading(ACCUMULATOR)
  const link = linkOf(page)
  const [name, href] = [await link.innerText(), (await link.getAttribute('href'))!]
  await link.click()
  await page.waitForURL(`${origin}${href}`)
  const line = page.locator('.ln.is-target')
  await eventually(() => line.count()).toBe(1)
  expect(await line.innerText()).toContain(name)
  expect(await line.locator('i').innerText()).toBe(/#L(\d+)$/.exec(href)![1])
  await eventually(() => line.evaluate(isInView)).toBe(true)
  const papers = await line.evaluate((one) =>
    [one, one.parentElement!].map((element) => getComputedStyle(element).backgroundColor),
  )
  expect(papers[0]).not.toBe(papers[1])
  // A reload finds it as well, without the router.
  await page.reload()
  await eventually(() => page.locator('.ln:target').evaluate(isInView)).toBe(true)
  // A page whose lines a chapter tells leads back to the listing.
  await reader.open('/source/src/producer/internals/RecordAccumulator')
  const told = page.locator(`.told-in a[href^="${ACCUMULATOR}#"]`).first()
  const listing = (await told.getAttribute('href'))!
  await told.click()
  await page.waitForURL(`${origin}${listing}`)
  await eventually(() => page.locator(`[id="${listing.split('#')[1]}"]`).evaluate(isInView)).toBe(
    true,
  )
})

test('a name that the page shows itself leads there; one of another chapter says so', async () => {
  const page = await reading(ACCUMULATOR)
  const own = page.locator('pre.code a[href^="#listing-"]').first()
  const id = (await own.getAttribute('href'))!.slice(1)
  await own.click()
  await page.waitForURL(`${origin}${ACCUMULATOR}#${id}`)
  await eventually(() => page.locator(`[id="${id}"]`).evaluate(isInView)).toBe(true)
})

test('a page that is left before its labs are seen has them when the reader comes back', async () => {
  const page = await reading(CHAPTER)
  // Not by the mouse, which would scroll to it.
  await page
    .locator(`a[href="${ACCUMULATOR}"]`)
    .first()
    .evaluate((link: HTMLElement) => link.click())
  await page.waitForURL(`${origin}${ACCUMULATOR}`)
  await reader.settled()
  const other = new SmallFigure(page, 1)
  await other.start()
  await page.goBack()
  await page.waitForURL(`${origin}${CHAPTER}`)
  await reader.settled()
  const figure = new SmallFigure(page, 4)
  await figure.start()
  await figure.play.click()
  await eventually(() => figure.play.innerText()).toContain('Pause')
})

const isInView = (element: Element): boolean => {
  const { top, bottom } = element.getBoundingClientRect()
  return bottom > 0 && top < window.innerHeight
}
