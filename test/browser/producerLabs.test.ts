/**
 * The big labs of chapters 06 and 07: each control, each hand and each button does what it says.
 *
 * As in chapter 00's: the same scenario runs beside the browser, in Node, and both must tell the
 * same story to the word. What a control is for is looked for besides.
 */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accumulator } from '../../chapters/06-record-accumulator/lab.ts'
import { pool } from '../../chapters/07-the-buffer-pool/lab.ts'
import { LabSession } from '../../lab/LabSession.ts'
import type { Scenario } from '../../lab/Scenario.ts'
import { plain } from '../../lab/story.ts'
import { eventually, newReader, type Reader } from './support/browser.ts'
import { ACCUMULATOR, Plate, POOL } from './support/chapter.ts'

type Story = readonly string[]
interface Effect {
  /** The label of a control with the value it gets (an option's label), or the name of a hand. */
  readonly does: string | readonly [label: string, value: number | string]
  /** The control by its name in the address. */
  readonly setting?: string
  readonly seen: (story: Story, before: Story) => void
  /** What the picture shows, besides the story. */
  readonly drawn?: (plate: Plate) => Promise<void>
}

const count = (story: Story, words: RegExp): number =>
  story.filter((line) => words.test(line)).length
const firstMs = (story: Story, words: RegExp): number =>
  Number.parseFloat(story.find((line) => words.test(line)) ?? 'never')
const says =
  (words: RegExp) =>
  (story: Story, before: Story): void => {
    expect(count(before, words)).toBe(0)
    expect(count(story, words)).toBeGreaterThan(0)
  }
const more =
  (words: RegExp) =>
  (story: Story, before: Story): void =>
    expect(count(story, words)).toBeGreaterThan(count(before, words))
const fewer =
  (words: RegExp) =>
  (story: Story, before: Story): void =>
    expect(count(story, words)).toBeLessThan(count(before, words))
const later =
  (words: RegExp) =>
  (story: Story, before: Story): void =>
    expect(firstMs(story, words)).toBeGreaterThan(firstMs(before, words))
/** The last such line comes later. */
const endsLater =
  (words: RegExp) =>
  (story: Story, before: Story): void =>
    later(words)(story.toReversed(), before.toReversed())
const largest = (story: Story): number =>
  Math.max(...story.map((line) => Number(/is closed: .*?(\d+) bytes/.exec(line)?.[1] ?? 0)))

const ACCUMULATOR_EFFECTS: readonly Effect[] = [
  { does: ['records', 500], setting: 'rate', seen: more(/send is done/) },
  { does: ['value', 200], setting: 'value', seen: more(/in a new batch/) },
  { does: ['spread', 'one hot'], setting: 'spread', seen: more(/batch of orders-0\. /) },
  { does: ['spread', 'no key'], setting: 'spread', seen: fewer(/in a new batch/) },
  {
    does: ['batch.size', 1200],
    setting: 'batchSize',
    seen: (story, before) => expect(largest(story)).toBeGreaterThan(largest(before)),
  },
  { does: ['linger.ms', 100], setting: 'linger', seen: later(/The sender takes/) },
  { does: ['max.request', 600], setting: 'maxRequest', seen: says(/The sender takes 1 batch/) },
  {
    does: ['in flight', '1'],
    setting: 'inFlight',
    seen: fewer(/becomes? one Produce request|become one/),
  },
  { does: ['buffer.mem.', 1800], setting: 'memory', seen: says(/Memory has run out/) },
  { does: ['delivery', 300], setting: 'delivery', seen: says(/has failed, TimeoutException/) },
  {
    does: ['partitions', '4'],
    setting: 'partitions',
    seen: says(/orders-3/),
    drawn: async ({ stage }) =>
      expect(await stage.getByText('orders-3', { exact: true }).count()).toBeGreaterThan(0),
  },
  {
    does: ['broker 2', 80],
    setting: 'slow',
    seen: later(/The batch of orders-1 (is done|has failed)/),
  },
  {
    does: ['largest', 300],
    setting: 'largest',
    seen: (story, before) => expect(story.length).toBeGreaterThan(before.length),
  },
  { does: 'A burst', seen: more(/You: A burst/) },
  { does: 'flush()', seen: says(/somebody flushes/) },
  { does: 'Break a connection', seen: more(/You: Break a connection/) },
  { does: 'Lose a packet', seen: later(/queue of orders-1|batch of orders-1 is done/) },
  { does: 'Broker 2 is away', seen: says(/You: Broker 2 is away: on/) },
  { does: 'close()', seen: says(/the producer is closing|after producer has been closed/) },
]

const POOL_EFFECTS: readonly Effect[] = [
  { does: ['records', 300], setting: 'rate', seen: says(/nothing is left/) },
  { does: ['value', 200], setting: 'value', seen: says(/C gets a new buffer of 4096 bytes/) },
  { does: ['callback', 'listens'], setting: 'callback', seen: fewer(/D calls send/) },
  {
    does: ['buffer.mem.', 4],
    setting: 'memory',
    seen: says(/1024 bytes at once; nothing is left/),
  },
  { does: ['batch.size', 2048], setting: 'batchSize', seen: says(/needs 2048 bytes/) },
  { does: ['large one', 6], setting: 'large', seen: says(/C needs 6144 bytes/) },
  { does: ['max.block', 50], setting: 'maxBlock', seen: says(/The time of C is over: 50 ms/) },
  { does: ['linger.ms', 100], setting: 'linger', seen: endsLater(/one Produce request/) },
  { does: ['distance', 100], setting: 'slow', seen: later(/A batch of A is stored/) },
  { does: 'A sends', seen: more(/A calls send/) },
  { does: 'B sends', seen: more(/B calls send/) },
  { does: 'C sends a large one', seen: more(/C calls send/) },
  { does: 'D sends', seen: more(/D calls send/) },
  { does: 'A sends twelve', seen: more(/A calls send/) },
  { does: 'The broker is still', seen: more(/You: The broker is still/) },
  { does: 'close()', seen: says(/You: close\(\)/) },
  { does: 'close(0)', seen: says(/You: close\(0\)/) },
]

const LABS = [
  {
    chapter: ACCUMULATOR,
    name: 'accumulator',
    scenario: accumulator as unknown as Scenario,
    effects: ACCUMULATOR_EFFECTS,
    /** A line of the story before which something can still be done that is seen. */
    from: /^44\./,
    state: 'linger=60;do=60,burst;do=100,cut',
  },
  {
    chapter: POOL,
    name: 'pool',
    scenario: pool as unknown as Scenario,
    effects: POOL_EFFECTS,
    from: /^30\./,
    state: 'memory=6;linger=10;do=20,burst;do=40,c',
  },
] as const

/** Of a long run, in its log. */
const LINES_SHOWN = 240

let reader: Reader
let plate: Plate
beforeEach(async () => {
  reader = await newReader({ height: 1100, calm: true })
  plate = new Plate(reader.page)
})
afterEach(async () => {
  const { problems } = reader
  await reader.close()
  expect(problems).toEqual([])
})

describe.each(LABS)('$chapter', ({ chapter, name, scenario, effects, from, state }) => {
  const storyInNode = async (address: string): Promise<string[]> => {
    const session = await LabSession.open(scenario, address)
    return session.story.map((line) => `${line.atMs.toFixed(1)} ${plain(line.text)}`)
  }
  const atTheLab = async (address = ''): Promise<void> => {
    const query = address === '' ? '' : `?${new URLSearchParams({ [name]: address })}`
    await reader.open(`${chapter}${query}`)
    await plate.start()
  }
  const set = async (label: string, value: number | string): Promise<void> => {
    if (typeof value === 'number') await plate.range(label).fill(String(value))
    else await plate.choice(value, label).check()
  }
  const shownValue = async (label: string, value: number | string): Promise<number | string> => {
    if (typeof value === 'number') return Number(await plate.range(label).inputValue())
    const field = plate.control(label)
    return (await field.locator('label:has(input:checked)').innerText()).trim()
  }
  const here = (): string => plate.address(name)
  /** The run that the address names; the log shows it, of a long one the part around the clock. */
  const asInNode = async (label: string): Promise<string[]> => {
    const [shown, all] = [await plate.story(), await storyInNode(here())]
    const from = all.findIndex((_, i) => shown.every((line, k) => line === all[i + k]))
    expect(from < 0 ? all : all.slice(from, from + shown.length), label).toEqual(shown)
    expect(shown.length, label).toBe(Math.min(all.length, LINES_SHOWN))
    return all
  }

  test('each control and each hand makes the run that Node makes of it, and shows it', async () => {
    const driven = effects.map(({ does, setting }) => setting ?? does)
    const labels = Object.values(scenario.hands).map(({ label }) => label)
    const there = [...Object.keys(scenario.controls), ...labels]
    expect([...new Set(driven)].sort(), 'all that the lab has').toEqual(there.sort())
    await atTheLab()
    const before = await plate.story()
    expect(before).toEqual(await storyInNode(''))
    expect(before.length).toBeGreaterThan(40)
    const start = before.findIndex((line) => from.test(line))
    let fresh = false
    for (const { does, setting, seen, drawn } of effects) {
      const [label, value] = typeof does === 'string' ? [does, null] : does
      if (value !== null) {
        const old = await shownValue(label, value)
        await set(label, value)
        await eventually(here, label).toContain(`${setting}=`)
        await eventually(() => plate.story(), label).not.toEqual(before)
        seen(await asInNode(label), before)
        await drawn?.(plate)
        await set(label, old)
      } else {
        // What was set leaves its marks on the time line; the hands begin without.
        if (!fresh) await atTheLab()
        fresh = true
        await plate.log.locator('li button').nth(start).click()
        await eventually(() => plate.position()).toBe(start)
        const hand = plate.button(label).or(plate.root.getByRole('switch', { name: label }))
        await hand.click()
        await eventually(() => plate.forks(), label).toEqual([label])
        if ((await hand.getAttribute('role')) === 'switch') {
          await eventually(() => hand.getAttribute('aria-checked'), label).toBe('true')
        }
        await plate.goTo('End')
        seen(await asInNode(label), before)
        await plate.button('Take it back').click()
      }
      await eventually(() => plate.story(), `${label}, taken back`).toEqual(before)
    }
  }, 120_000)

  test('the clock is in the reader’s hand: buttons, keys, slider, time line', async () => {
    await atTheLab()
    const { page } = plate
    const last = (await plate.story()).length - 1
    const at = (position: number) => eventually(() => plate.position()).toBe(position)
    const described = (): Promise<string | null> => plate.stage.getAttribute('aria-label')
    const first = await described()
    await plate.button('Next event').click()
    await at(0)
    await plate.plate.focus()
    for (let i = 1; i <= 5; i++) {
      await page.keyboard.press('ArrowRight')
      await at(i)
    }
    expect(await described()).not.toBe(first)
    await page.keyboard.press('ArrowLeft')
    await at(4)
    await plate.button('Back one event').click()
    await at(3)
    const session = await LabSession.open(scenario, '')
    session.seek(3)
    await session.stepPoll()
    await plate.button('Next poll').click()
    await at(session.player.position)
    await plate.root.getByRole('combobox', { name: 'Speed' }).selectOption({ index: 4 })
    await plate.plate.focus()
    await page.keyboard.press(' ')
    await eventually(() => plate.button('Pause').count()).toBe(1)
    await eventually(() => plate.position()).toBeGreaterThan(session.player.position)
    await plate.button('Pause').click()
    await eventually(() => plate.button('Play').count()).toBe(1)
    await plate.goTo('End')
    await at(last)
    await plate.button('Play again').click()
    await eventually(() => plate.button('Pause').count()).toBe(1)
    await plate.button('Pause').click()
    await plate.button('Back to the start').click()
    await at(-1)
    expect(await described()).toBe(first)
    const axis = plate.root.locator('.timeline svg')
    const { width, height } = (await axis.boundingBox())!
    await axis.click({ position: { x: width * 0.6, y: height / 2 } })
    await eventually(() => plate.position()).toBeGreaterThan(0)
    expect(await plate.clockMs()).toBeGreaterThan(0)
  })

  test('what was set and done is in the address, comes back, and nothing glides', async () => {
    await atTheLab(state)
    const story = await plate.story()
    expect(story).toEqual(await storyInNode(state))
    const forks = await plate.forks()
    expect(forks).toHaveLength(2)
    await plate.log.locator('li button').nth(12).click()
    await eventually(here).toContain('t=')
    const shown = [await plate.clockMs(), await plate.current(), here()]
    await plate.page.reload()
    await plate.start()
    expect([await plate.clockMs(), await plate.current(), here()]).toEqual(shown)
    expect(await plate.story()).toEqual(story)
    expect(await plate.forks()).toEqual(forks)
    const durations = await plate.root
      .locator('svg *')
      .evaluateAll((all) => [...new Set(all.map((e) => getComputedStyle(e).transitionDuration))])
    expect(durations.every((duration) => Number.parseFloat(duration) < 0.01)).toBe(true)
  })
})
