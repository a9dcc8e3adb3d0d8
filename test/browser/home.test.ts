/** The reader's first minute: the record on the first page. */

import { afterEach, expect, test } from 'vitest'
import { eventually, newReader, type Reader, type View } from './support/browser.ts'
import { CHAPTER } from './support/chapter.ts'

let reader: Reader
afterEach(async () => {
  const { problems } = reader
  await reader.close()
  expect(problems).toEqual([])
})

const atHome = async (view: View = {}) => {
  reader = await newReader(view)
  await reader.page.clock.install()
  await reader.open('/')
  const root = reader.page.locator('figure.home-journey')
  return {
    says: root.locator('.journey-says'),
    clock: root.locator('.journey-ms'),
    text: root.getByRole('textbox', { name: 'The value of your record' }),
    button: (name: string) => root.getByRole('button', { name, exact: true }),
    /** Lets the page's clock run until the figure says `words`. */
    until: async (words: RegExp): Promise<string> => {
      const said = root.locator('.journey-says')
      for (let ms = 0; ms < 60_000 && !words.test(await said.innerText()); ms += 500) {
        await reader.page.clock.runFor(500)
      }
      expect(await said.innerText()).toMatch(words)
      return said.innerText()
    },
  }
}

test('a record sets out by itself, comes back, and the page is at rest', async () => {
  const home = await atHome()
  await eventually(() => home.button('Pause').count()).toBe(1)
  await home.until(/poll returns: your code has the record “hello, kafka”/)
  await eventually(() => home.button('Play').count()).toBe(1)
})

test('a text of my own is sent, and comes back', async () => {
  const home = await atHome()
  await eventually(() => home.button('Pause').count()).toBe(1)
  await home.text.fill('ahoj, 你好')
  await home.button('Send').click()
  await home.until(/send with the record “ahoj, 你好”|Send “ahoj, 你好”/)
  await home.until(/poll returns: your code has the record “ahoj, 你好”/)
  await eventually(() => home.button('Play').count()).toBe(1)
  expect(new URL(reader.page.url()).search).toBe('')
})

test('pause, step and play are in the reader’s hand', async () => {
  const home = await atHome()
  await eventually(() => home.button('Pause').count()).toBe(1)
  await home.button('Pause').click()
  const said = await home.says.innerText()
  await home.button('One step').click()
  await eventually(() => home.says.innerText()).not.toBe(said)
  await home.button('Play').click()
  await home.until(/poll returns/)
  // Once more, from the beginning.
  await home.button('Play').click()
  await eventually(() => home.button('Pause').count()).toBe(1)
  await eventually(async () => Number.parseFloat(await home.clock.innerText())).toBeLessThan(10)
})

test('with less motion nothing starts by itself, and a hand starts it', async () => {
  const home = await atHome({ calm: true })
  await reader.settled()
  await reader.page.clock.runFor(3000)
  expect(await home.clock.innerText()).toBe('0.0 ms')
  await home.button('Play').click()
  await home.until(/poll returns/)
})

test('the map of the book leads to the chapter that is written', async () => {
  await atHome()
  await reader.page
    .locator('main')
    .getByRole('link', { name: /The journey of a record/ })
    .first()
    .click()
  await reader.page.waitForURL(`**${CHAPTER}`)
  // The address changes before the page does.
  await reader.page.locator('h1', { hasText: 'The journey of a record' }).waitFor()
})
