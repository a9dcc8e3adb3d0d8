/**
 * The big lab of chapter 00: every control does what it says.
 *
 * What must be seen is not written down here: the same scenario runs beside the browser, in Node,
 * and page and Node must tell the same story to the word. What a control is *for* is checked
 * besides, in numbers.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { journey } from '../../chapters/00-the-journey-of-a-record/lab.ts'
import { LabSession } from '../../lab/LabSession.ts'
import type { Scenario } from '../../lab/Scenario.ts'
import { plain } from '../../lab/story.ts'
import { drawn, eventually, newReader, type Reader, type View } from './support/browser.ts'
import { CHAPTER, LAB_NAME, Plate } from './support/chapter.ts'
import { ROOT } from './support/site.ts'

/** One window for most tests: what the lab remembers is in the address, and each takes its own. */
let common: Reader
let isCommonTaken = false
/** Windows of one test: a second reader, or one with habits or a clock of its own. */
const others: Reader[] = []
beforeAll(async () => {
  common = await newReader()
})
afterAll(() => common.close())
afterEach(async () => {
  const problems = [common, ...others].flatMap((reader) => reader.problems.splice(0))
  for (const reader of others.splice(0)) await reader.close()
  isCommonTaken = false
  expect(problems).toEqual([])
})

const takeReader = async (view?: View): Promise<Reader> => {
  if (view === undefined && !isCommonTaken) {
    isCommonTaken = true
    return common
  }
  const reader = await newReader(view)
  others.push(reader)
  return reader
}

/** A reader in front of the lab; `state` as the address line has it. `view`: in an own window. */
const atTheLab = async (state = '', view?: View): Promise<Plate> => {
  const reader = await takeReader(view)
  const query = state === '' ? '' : `?${new URLSearchParams({ [LAB_NAME]: state })}`
  await reader.open(`${CHAPTER}${query}`)
  const plate = new Plate(reader.page)
  await plate.start()
  return plate
}

const inNode = (state = '') => LabSession.open(journey as unknown as Scenario, state)

/** The story that Node tells of a run, line by line as the log has them. */
const storyInNode = async (state: string): Promise<string[]> => {
  const session = await inNode(state)
  return session.story.map((line) => `${line.atMs.toFixed(1)} ${plain(line.text)}`)
}

const acknowledgedAt = (plate: Plate): Promise<number> =>
  plate.timeOf(/it (is at offset \d+ of|went to) greetings/)
const addressOf = (plate: Plate): string =>
  new URL(plate.page.url()).searchParams.get(LAB_NAME) ?? ''

describe('what is told', () => {
  test('the page tells the same story as Node, to the word', async () => {
    const plate = await atTheLab()
    const story = await plate.story()
    expect(story).toEqual(await storyInNode(''))
    expect(story.length).toBeGreaterThan(30)
    expect(await acknowledgedAt(plate)).toBe(45)
  })

  test('the same address is the same run, in another window as well', async () => {
    const state = 'acks=1;linger=30;latency=7;do=0,send,%22one%22;do=3,send,%22two%22;do=4,lose'
    const [one, two] = [await atTheLab(state), await atTheLab(state)]
    expect(await one.story()).toEqual(await two.story())
    expect(await one.story()).toEqual(await storyInNode(state))
  })

  test('every event can be shown, and the story again', async () => {
    const plate = await atTheLab()
    const session = await inNode()
    const told = session.story.length
    session.setDetail('all')
    const switchOf = plate.root.getByRole('checkbox', { name: 'every event' })
    await switchOf.check()
    await eventually(() => plate.slider.getAttribute('max')).toBe(`${session.story.length - 1}`)
    await switchOf.uncheck()
    await eventually(() => plate.slider.getAttribute('max')).toBe(`${told - 1}`)
  })

  test('the log can be copied', async () => {
    const plate = await atTheLab()
    await plate.button('copy').click()
    await eventually(() => plate.root.locator('.lab-copied').innerText()).toMatch(/copied/)
    const copied = await plate.page.evaluate(() => navigator.clipboard.readText())
    const session = await inNode()
    for (const line of session.story) expect(copied).toContain(plain(line.text))
    expect(copied.trim().split('\n')).toHaveLength(session.story.length)
  })

  test('a click on a line of the log goes there', async () => {
    const plate = await atTheLab()
    const line = (await plate.story())[12]!
    await plate.log.locator('li button').nth(12).click()
    await eventually(() => plate.current()).toBe(line)
    expect(await plate.clockMs()).toBe(Number.parseFloat(line))
    expect(await plate.position()).toBe(12)
  })

  test('the line that spoke last is in the source, where the page says it is', async () => {
    const plate = await atTheLab()
    const places = new Set<string>()
    await plate.goTo('Home')
    for (let at = 0; at < (await plate.story()).length; at++) {
      await plate.slider.press('ArrowRight')
      await eventually(() => plate.position()).toBe(at)
      // The first lines are a hand's and a program's: they have no place in `src/`.
      if (at < 2) continue
      const { path, line, text, block } = await plate.spoken()
      const source = readFileSync(join(ROOT, path), 'utf8').split('\n')
      expect(text.trim(), `${path}:${line}`).toBe(source[line - 1]?.trim())
      const from = line - 1 - block.findIndex((one) => one.trim() === text.trim())
      expect(block.map((one) => one.trim())).toEqual(
        source.slice(from, from + block.length).map((one) => one.trim()),
      )
      places.add(`${path}:${line}`)
    }
    expect(places.size).toBeGreaterThan(15)
  })
})

describe('the hand on the clock', () => {
  test('play moves the clock, pause stops it, and steps go both ways', async () => {
    const plate = await atTheLab()
    // The record lies in its batch, and nothing happens before 5 ms.
    await plate.log.locator('li button').nth(8).click()
    await plate.button('Play').click()
    await eventually(() => plate.clockMs()).toBeGreaterThan(1)
    await plate.button('Pause').click()
    const [stoppedAt, line] = [await plate.clockMs(), await plate.current()]
    for (let frames = 0; frames < 5; frames++) await drawn(plate.page)
    expect(await plate.clockMs()).toBe(stoppedAt)
    const story = await plate.story()
    const at = story.indexOf(line!)
    await plate.button('Next event').click()
    await eventually(() => plate.position()).toBe(at + 1)
    await plate.button('Back one event').click()
    await plate.button('Back one event').click()
    await eventually(() => plate.position()).toBe(at - 1)
    await plate.button('Back to the start').click()
    await eventually(() => plate.current()).toBe(null)
    expect(await plate.clockMs()).toBe(0)
    expect(await plate.button('Back one event').isDisabled()).toBe(true)
  })

  test('it stops at the end, and plays again from the beginning', async () => {
    const plate = await atTheLab()
    await plate.goTo('End')
    await plate.slider.press('ArrowLeft')
    await plate.root.getByRole('combobox', { name: 'Speed' }).selectOption({ index: 4 })
    await plate.button('Play').click()
    await eventually(() => plate.button('Play again').count()).toBe(1)
    expect(await plate.button('Next event').isDisabled()).toBe(true)
    const end = Number(await plate.slider.getAttribute('max'))
    expect(await plate.position()).toBe(end)
    await plate.button('Play again').click()
    await eventually(() => plate.button('Pause').count()).toBe(1)
    await eventually(() => plate.position()).toBeLessThan(end)
  })

  test('the speed is chosen', async () => {
    const plate = await atTheLab('', {})
    const speed = plate.root.getByRole('combobox', { name: 'Speed' })
    expect(await speed.inputValue()).toBe('1')
    const steps = (await speed.locator('option').allInnerTexts()).length
    await plate.page.clock.install()
    const playedFor = async (index: number): Promise<number> => {
      await plate.button('Back to the start').click({ force: true })
      await speed.selectOption({ index })
      await plate.page.clock.pauseAt(Date.now() + 1000 * (index + 1) * 1000)
      await plate.button('Play').click()
      await plate.page.clock.runFor(4000)
      await plate.button('Pause').click()
      return plate.position()
    }
    await plate.slider.press('ArrowRight')
    const slow = await playedFor(0)
    const fast = await playedFor(steps - 1)
    expect(fast).toBeGreaterThan(slow * 2)
  })

  test('one poll goes to the end of a turn of a loop', async () => {
    const plate = await atTheLab()
    const session = await inNode()
    for (let turns = 0; turns < 5; turns++) {
      await session.stepPoll()
      await plate.button('Next poll').click()
      await eventually(() => plate.position()).toBe(session.player.position)
    }
    expect(await plate.current()).toContain(plain(session.spoke!.text))
  })

  test('everything goes by the keyboard', async () => {
    const plate = await atTheLab()
    await plate.plate.focus()
    await plate.page.keyboard.press('ArrowRight')
    await plate.page.keyboard.press('ArrowRight')
    await eventually(() => plate.position()).toBe(1)
    await plate.page.keyboard.press('ArrowLeft')
    await eventually(() => plate.position()).toBe(0)
    await plate.page.keyboard.press(' ')
    await eventually(() => plate.button('Pause').count()).toBe(1)
    await plate.page.keyboard.press(' ')
    await eventually(() => plate.button('Play').count()).toBe(1)
    // The slider has its own keys, and nobody takes them twice.
    await plate.goTo('End')
    const end = await plate.position()
    await plate.slider.press('ArrowLeft')
    await eventually(() => plate.position()).toBe(end - 1)
    // In the text a blank is a blank.
    await plate.text.fill('')
    await plate.text.press('a')
    await plate.text.press(' ')
    await plate.text.press('ArrowLeft')
    expect(await plate.text.inputValue()).toBe('a ')
    expect(await plate.position()).toBe(end - 1)
    expect(await plate.button('Pause').count()).toBe(0)
  })
})

describe('what can be done and set', () => {
  test('a text that is sent arrives: in the story, in the log, at the consumer', async () => {
    const plate = await atTheLab()
    await plate.text.fill('grüße, 你好')
    await plate.button('Send').click()
    await eventually(async () => (await plate.story()).join('\n')).toContain(
      'send with the record “grüße, 你好”',
    )
    await plate.goTo('End')
    const story = await plate.story()
    expect(story.join('\n')).toMatch(/poll returns: your code has the record “grüße, 你好”/)
    expect(story).toEqual(await storyInNode(addressOf(plate)))
    expect(await plate.stage.getAttribute('aria-label')).toMatch(/2 sent, 2 received/)
    expect(await plate.stage.getByText('grüße', { exact: false }).count()).toBeGreaterThan(0)
    expect(await plate.forks()).toEqual(['Send'])
  })

  test('acks=0: nobody says at which offset, and the record is stored nevertheless', async () => {
    const plate = await atTheLab()
    await plate.choice('0').check()
    await eventually(() => plate.story()).toEqual(await storyInNode('acks=0'))
    const story = (await plate.story()).join('\n')
    expect(story).toMatch(/with acks=0 nobody says at which offset/)
    expect(story).toMatch(/grows by offset 0/)
    expect(await acknowledgedAt(plate)).toBe(5)
  })

  test('acks=1 and acks=all: the request says so, and the offset comes back', async () => {
    const plate = await atTheLab()
    await plate.choice('1').check()
    await eventually(() => plate.story()).toEqual(await storyInNode('acks=1'))
    expect((await plate.story()).join('\n')).toMatch(/acks=1/)
    await plate.choice('all').check()
    await eventually(() => plate.story()).toEqual(await storyInNode(''))
    expect((await plate.story()).join('\n')).toMatch(/acks=all/)
    expect((await plate.story()).join('\n')).toMatch(/it is at offset 0/)
  })

  test('linger and latency move the acknowledgement by as much as they say', async () => {
    const plate = await atTheLab()
    await plate.range('linger').fill('50')
    await eventually(() => acknowledgedAt(plate)).toBe(90)
    await plate.range('latency').fill('40')
    await eventually(() => acknowledgedAt(plate)).toBe(130)
    expect(await plate.story()).toEqual(await storyInNode('linger=50;latency=40'))
    // By keys as well, and the number beside the slider is the one that counts.
    await plate.range('linger').press('Home')
    await eventually(() => acknowledgedAt(plate)).toBe(80)
    const number = plate.root.locator('.lab-range output').first()
    expect(await number.innerText()).toBe('0 ms')
  })

  test('a lost packet is seen to be lost, and costs 200 ms', async () => {
    const plate = await atTheLab()
    await plate.button('Next event').click()
    await plate.button('Lose a packet').click()
    await eventually(() => acknowledgedAt(plate)).toBe(245)
    const story = await plate.story()
    expect(story.join('\n')).toMatch(/The packet with Produce #\d+ is lost on the way/)
    expect(story.filter((line) => /becomes one Produce request/.test(line))).toHaveLength(1)
    expect(story).toEqual(await storyInNode(addressOf(plate)))
    expect(await plate.forks()).toEqual(['Lose a packet'])
    // While it lies on the wire, the stage shows it torn.
    const torn = plate.stage.locator('g.k-request.dash')
    const lost = story.findIndex((line) => /is lost on the way/.test(line))
    await plate.log.locator('li button').nth(lost).click()
    await eventually(() => plate.position()).toBe(lost)
    await plate.button('Play').click()
    await eventually(() => torn.count()).toBe(1)
    await plate.button('Pause').click()
    expect(await plate.position()).toBe(lost)
  })

  test('what was done is marked where it was done, and can be taken back', async () => {
    const plate = await atTheLab()
    await plate.log.locator('li button').nth(9).click()
    await plate.range('latency').fill('30')
    await plate.button('Lose a packet').click()
    await eventually(() => plate.forks()).toEqual(['latency 30', 'Lose a packet'])
    await plate.button('Take it back').click()
    await eventually(() => plate.forks()).toEqual([])
    expect(await plate.story()).toEqual(await storyInNode('latency=30'))
  })
})

describe('nothing is lost on reload', () => {
  test('settings, hands and the clock are in the address, and come back', async () => {
    const plate = await atTheLab()
    await plate.range('linger').fill('20')
    await plate.text.fill('two; do=1,2 & 100 %')
    await plate.button('Send').click()
    await eventually(() => plate.forks()).toContain('Send')
    await plate.button('Pause').click()
    await plate.goTo('End')
    for (let back = 0; back < 7; back++) await plate.slider.press('ArrowLeft')
    const end = Number(await plate.slider.getAttribute('max'))
    await eventually(() => plate.position()).toBe(end - 7)
    const before = [await plate.clockMs(), await plate.current(), await plate.story()]
    const address = plate.page.url()

    await plate.page.reload()
    await plate.start()
    expect([await plate.clockMs(), await plate.current(), await plate.story()]).toEqual(before)
    expect(await plate.range('linger').inputValue()).toBe('20')
    expect(plate.page.url()).toBe(address)
  })

  test('a fresh lab has a clean address, and nonsense in it harms nothing', async () => {
    const fresh = await atTheLab()
    expect(new URL(fresh.page.url()).search).toBe('')
    const odd = await atTheLab('acks=7;linger=1e9;do=x,send,%;t=-1;__proto__=1;%%%')
    expect(await odd.story()).toEqual(await storyInNode(''))
  })
})

test('with less motion nothing glides', async () => {
  const plate = await atTheLab('', { calm: true })
  await plate.goTo('End')
  const durations = await plate.root
    .locator('svg *')
    .evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).transitionDuration))])
  expect(durations.every((duration) => Number.parseFloat(duration) < 0.01)).toBe(true)
})
