/**
 * A chapter as its reader uses it: the big lab, the small figures before it, the tour behind it.
 */

import type { Locator, Page } from 'playwright-core'
import { eventually, type Reader } from './browser.ts'

export const CHAPTER = '/chapters/00-the-journey-of-a-record/'

export const ACCUMULATOR = '/chapters/06-record-accumulator/'
export const POOL = '/chapters/07-the-buffer-pool/'
export const CHAPTERS = [CHAPTER, ACCUMULATOR, POOL] as const

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
    this.stage = this.root.locator('.lab-stage').getByRole('img').first()
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

  /** @param of the label of the control, where several have such an option */
  choice(name: string, of?: string): Locator {
    const control = of === undefined ? this.root : this.control(of)
    return control.locator('.lab-choice label').filter({ hasText: name }).getByRole('radio')
  }

  /** The group of a control with options. */
  control(label: string): Locator {
    return this.root.getByRole('group', { name: label, exact: true })
  }

  /** What the address line remembers of it. */
  address(name: string): string {
    return new URL(this.page.url()).searchParams.get(name) ?? ''
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

/** Runs every lab of the page to an end, goes on in its tour, and opens what is folded. */
export const startAllLabs = async ({ page, settled }: Reader): Promise<void> => {
  const figures = await page.locator('figure.figure').count()
  for (let number = 1; number <= figures; number++) {
    const figure = new SmallFigure(page, number)
    await figure.start()
    await figure.play.click()
  }
  const plate = new Plate(page)
  await plate.start()
  if ((await plate.text.count()) > 0) {
    await plate.text.fill('a second one')
    await plate.button('Send').click()
  } else {
    await plate.root.locator('.lab-hands button').first().click()
  }
  await eventually(async () => (await plate.forks()).length).toBe(1)
  await plate.goTo('End')
  const tour = new Tour(page)
  await tour.next.click()
  await tour.next.click()
  await page.locator('details').evaluateAll((all) => {
    for (const one of all) (one as HTMLDetailsElement).open = true
  })
  await settled()
}

/** The walk with the debugger. */
export class Tour {
  readonly root: Locator
  /** What takes the keys. */
  readonly plate: Locator
  readonly next: Locator
  readonly back: Locator
  readonly jumps: Locator
  readonly stops: Locator
  /** The stop that is shown. */
  readonly stop: Locator

  constructor(page: Page) {
    this.root = page.locator('section.tour')
    this.plate = this.root.locator('.tour-plate')
    this.next = this.root.getByRole('button', { name: 'next stop' })
    this.back = this.root.getByRole('button', { name: 'Back one stop' })
    this.jumps = this.root.getByRole('list', { name: 'Stops' }).getByRole('button')
    this.stops = this.root.locator('.tour-stop')
    this.stop = this.stops.locator('visible=true')
  }

  /** The number of the stop that is shown, as each part of the player has it. */
  async at(): Promise<number[]> {
    const shown = await this.stop.getAttribute('aria-label')
    const named = await this.root.locator('.tour-position').innerText()
    const lit = this.root.locator('.tour-list [aria-current=step] .tour-number')
    const numbers = [/Stop (\d+)/.exec(shown ?? '')?.[1], named.split(' ')[0]]
    return [...numbers, await lit.innerText()].map(Number)
  }
}
