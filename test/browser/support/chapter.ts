/** Chapter 00 as its reader uses it: the big lab, and the small figures before it. */

import type { Locator, Page } from 'playwright-core'
import { eventually, type Reader } from './browser.ts'

export const CHAPTER = '/chapters/00-the-journey-of-a-record/'

/** The name that the lab's state has in the address. */
export const LAB_NAME = 'journey'

/** A lab's plate, by the names that a reader, or a screen reader, knows its parts by. */
export class Plate {
  readonly page: Page
  readonly root: Locator
  /** What takes the keys. */
  readonly plate: Locator
  readonly stage: Locator
  readonly slider: Locator
  readonly log: Locator
  readonly clock: Locator
  readonly text: Locator

  constructor(page: Page) {
    this.page = page
    this.root = page.locator('section.lab')
    this.plate = this.root.locator('.lab-plate')
    this.stage = this.root.getByRole('img', { name: 'Producer, broker and consumer' })
    this.slider = this.root.getByRole('slider', { name: 'Event of the run' })
    this.log = this.root.getByRole('list', { name: 'Events of the run' })
    this.clock = this.root.getByRole('timer')
    this.text = this.root.getByRole('textbox')
  }

  /** Brings the lab into view and waits until it has recorded its run. */
  async start(): Promise<void> {
    await this.root.scrollIntoViewIfNeeded()
    await eventually(() => this.slider.isEnabled(), 'the lab is ready').toBe(true)
  }

  button(name: string | RegExp): Locator {
    return this.root.getByRole(
      'button',
      typeof name === 'string' ? { name, exact: true } : { name },
    )
  }

  choice(name: string): Locator {
    return this.root.locator('.lab-choice label').filter({ hasText: name }).getByRole('radio')
  }

  range(name: string): Locator {
    return this.root.getByRole('slider', { name, exact: true })
  }

  /** All lines that the log shows, each with its time. */
  async story(): Promise<string[]> {
    return this.log.locator('li button').evaluateAll((lines) =>
      lines.map((line) => {
        const at = line.querySelector('.lab-at')?.textContent?.trim()
        const words = [...line.querySelector('.lab-words')!.childNodes].filter(
          (node) => !(node instanceof Element && node.classList.contains('lab-fork')),
        )
        return `${at} ${words.map((node) => node.textContent).join('')}`
      }),
    )
  }

  /** The line that is current, as `story` gives it; `null` before the first. */
  async current(): Promise<string | null> {
    const current = this.log.locator('li[aria-current=step]')
    if ((await current.count()) === 0) return null
    const at = await current.evaluate((line) => [...line.parentElement!.children].indexOf(line))
    return (await this.story())[at] ?? null
  }

  async clockMs(): Promise<number> {
    return Number.parseFloat(await this.clock.innerText())
  }

  async position(): Promise<number> {
    return Number(await this.slider.inputValue())
  }

  /** Moves the slider of the run to one of its ends, with the key of that name. */
  async goTo(end: 'Home' | 'End'): Promise<void> {
    await this.slider.press(end)
    const to = await this.slider.getAttribute(end === 'Home' ? 'min' : 'max')
    await eventually(() => this.slider.inputValue()).toBe(to)
  }

  /** The time of the first line that says `words`. */
  async timeOf(words: RegExp): Promise<number> {
    const line = (await this.story()).find((one) => words.test(one))
    if (line === undefined) throw new Error(`no line of the story says ${words}`)
    return Number.parseFloat(line)
  }

  /** What was done by hand, as the time line names it; neighbours share a label. */
  async forks(): Promise<string[]> {
    const labels = await this.root.locator('.lab-forks span').allInnerTexts()
    return labels.flatMap((label) => label.split(' · '))
  }

  /** The lit line of the source, where it is said to stand, and all that stands around it. */
  async spoken(): Promise<{ path: string; line: number; text: string; block: string[] }> {
    const section = this.root.getByRole('region', { name: 'The line that spoke last' })
    const [path = '', line] = (
      (await section.locator('pre').getAttribute('aria-label')) ?? ''
    ).split(', line ')
    const block = await section
      .locator('.lab-code')
      .evaluateAll((lines) => lines.map((one) => one.lastElementChild!.textContent ?? ''))
    const text = await section.locator('.lab-code.lit > span').innerText()
    return { path, line: Number(line), text, block }
  }
}

/** A small figure, by its number. */
export class SmallFigure {
  readonly root: Locator
  readonly play: Locator
  readonly back: Locator
  readonly result: Locator
  readonly picture: Locator

  constructor(page: Page, number: number) {
    this.root = page.locator('figure.figure').filter({ hasText: `Fig. ${number}.` })
    this.play = this.root.getByRole('button', { name: /^(Play|Pause|Play again|Go on)$/ })
    this.back = this.root.getByRole('button', { name: 'Back to the start' })
    this.result = this.root.locator('.figure-result')
    this.picture = this.root.getByRole('img')
  }

  async start(): Promise<void> {
    await this.root.scrollIntoViewIfNeeded()
    await eventually(() => this.play.isEnabled(), 'the figure is ready').toBe(true)
  }

  /** What the picture says of itself. */
  async described(): Promise<string> {
    return (await this.picture.getAttribute('aria-label')) ?? ''
  }
}

export const FIGURES = [1, 2, 3, 4] as const

/** Runs every lab of the chapter to an end, and opens what is folded. */
export const startAllLabs = async ({ page, settled }: Reader): Promise<void> => {
  for (const number of FIGURES) {
    const figure = new SmallFigure(page, number)
    await figure.start()
    await figure.play.click()
  }
  const plate = new Plate(page)
  await plate.start()
  await plate.text.fill('a second one')
  await plate.button('Send').click()
  await eventually(async () => (await plate.forks()).length).toBe(1)
  await plate.goTo('End')
  await page.locator('details').evaluateAll((all) => {
    for (const one of all) (one as HTMLDetailsElement).open = true
  })
  await settled()
}
