/**
 * The small figures of chapter 00: each plays to an end and says what happened, each control makes
 * another run of it. The frames come from the test's clock, so twenty seconds of playing take one.
 */

import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually, newReader, type Reader } from './support/browser.ts'
import { CHAPTER, FIGURES, SmallFigure } from './support/chapter.ts'

/** No figure plays longer, and none needs more of the reader's patience. */
const LONGEST_PLAY_MS = 40_000

let reader: Reader
let page: Page
// A window for each test: a figure remembers what was seen as long as its window is there.
beforeEach(async () => {
  reader = await newReader({ height: 1000 })
  page = reader.page
  await page.clock.install()
  await reader.open(CHAPTER)
})
afterEach(async () => {
  const { problems } = reader
  await reader.close()
  expect(problems).toEqual([])
})

const figureOf = async (number: number): Promise<SmallFigure> => {
  const figure = new SmallFigure(page, number)
  await figure.start()
  return figure
}

/** Lets the page's clock run until the figure has said something and stands still. */
const toTheEnd = async (figure: SmallFigure): Promise<string> => {
  await eventually(() => figure.play.innerText()).toContain('Pause')
  for (let ms = 0; ms < LONGEST_PLAY_MS; ms += 1000) {
    await page.clock.runFor(1000)
    if (/again/.test(await figure.play.innerText())) break
  }
  expect(await figure.play.innerText()).toContain('Play again')
  return figure.result.innerText()
}

const playAll = async (figure: SmallFigure): Promise<string> => {
  await figure.play.click()
  return toTheEnd(figure)
}

describe.each(FIGURES)('figure %i', (number) => {
  test('asks first, plays to an end, says what happened, goes back, and can be paused', async () => {
    const figure = await figureOf(number)
    const clock = figure.root.locator('.figure-clock')
    const start = await figure.described()
    const startsAt = await clock.innerText()
    expect(await figure.root.getByRole('group').first().innerText()).toMatch(/Guess first/i)
    expect(await figure.result.innerText()).toBe('')
    expect(await figure.back.isDisabled()).toBe(true)
    const guess = figure.root.locator('.figure-answers').getByRole('radio').first()
    await guess.check()

    const said = await playAll(figure)
    expect(said).toMatch(/What happened/i)
    expect(said).toMatch(/As you guessed|You guessed/)
    expect(await figure.described()).not.toBe(start)
    // It is said aloud once. A clock that is read out at every frame drowns it.
    expect(await figure.root.getByRole('status').allInnerTexts()).toEqual([said])

    await figure.back.click()
    await eventually(() => figure.result.innerText()).toBe('')
    expect(await figure.described()).toBe(start)

    // A second time it is paused on its way: it stands still, goes on from there, says the same.
    await figure.play.click()
    await eventually(() => clock.innerText()).not.toBe(startsAt)
    await figure.play.click()
    await eventually(() => figure.play.innerText()).toContain('Go on')
    const paused = await clock.innerText()
    await page.clock.runFor(500)
    expect(await clock.innerText()).toBe(paused)
    expect(await playAll(figure)).toBe(said)
  })
})

describe('what each control is for', () => {
  test('figure 1: a burst is larger, and a reader that is stopped leaves all in the log', async () => {
    const figure = await figureOf(1)
    const some = await playAll(figure)
    await figure.root.getByRole('slider', { name: 'a burst' }).press('Home')
    const few = await toTheEnd(figure)
    const sent = (text: string): number => Number(/sent (\d+) records/.exec(text)?.[1])
    expect(sent(few)).toBeLessThan(sent(some))

    await figure.back.click()
    await figure.root.getByRole('radio', { name: 'is stopped' }).check()
    const stopped = await toTheEnd(figure)
    expect(stopped).toMatch(/The reader is stopped: \d+ records wait for it in the log/)
    expect(await figure.described()).toMatch(/The reader is stopped/)
    await figure.back.click()
    await eventually(() => figure.described()).toMatch(/The reader runs/)
  })

  test('figure 2: one partition keeps the order of all, more keep it for each key', async () => {
    const figure = await figureOf(2)
    const radio = (name: string) => figure.root.getByRole('radio', { name, exact: true })
    await figure.play.click()
    await radio('1').check()
    expect(await toTheEnd(figure)).toMatch(/the order of the sends, all of it/)
    await radio('3').check()
    const three = await toTheEnd(figure)
    expect(three).toMatch(/That is not the order of the sends/)
    expect(three).toMatch(/Each key by itself is in order/)
    await radio('2').check()
    expect(await toTheEnd(figure)).toMatch(/The reader got/)
  })

  test('figure 3: who waits for nobody travels alone, who waits long travels together', async () => {
    const figure = await figureOf(3)
    const linger = figure.root.getByRole('slider')
    await figure.play.click()
    await linger.press('Home')
    expect(await toTheEnd(figure)).toMatch(
      /Ten requests carried the ten records.*No record waited/s,
    )
    await linger.press('End')
    expect(await toTheEnd(figure)).toMatch(/One request carried all ten records.*waited 50 ms/s)
  })

  test('figure 4: a lost answer makes two of one, an answer that arrives does not', async () => {
    const figure = await figureOf(4)
    await figure.play.click()
    await figure.root.getByRole('radio', { name: 'arrives' }).check()
    expect(await toTheEnd(figure)).toMatch(/in one request\. The log holds it once/)
    await figure.root.getByRole('radio', { name: 'is lost' }).check()
    expect(await toTheEnd(figure)).toMatch(/in two requests\. The log holds it twice/)
  })

  test('a reload loses neither the setting nor what was seen', async () => {
    const figure = await figureOf(2)
    await figure.root.getByRole('radio', { name: '1', exact: true }).check()
    const said = await playAll(figure)
    await page.reload()
    await figure.start()
    expect(await figure.root.getByRole('radio', { name: '1', exact: true }).isChecked()).toBe(true)
    await eventually(() => figure.result.innerText()).toContain(
      said.replace(/^.*guessed[^.]*\. /, ''),
    )
  })
})
