/** The tours: a reader walks through a recorded run, forwards and backwards. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually, newReader, type Reader } from './support/browser.ts'
import { CHAPTERS, Tour } from './support/chapter.ts'
import { ROOT } from './support/site.ts'

let reader: Reader
afterEach(async () => {
  const { problems } = reader
  await reader.close()
  expect(problems).toEqual([])
})

interface Recorded {
  readonly stops: readonly {
    readonly at: string
    readonly code: string
    readonly values: Readonly<Record<string, string>>
  }[]
}
const recorded = (chapter: string): Recorded =>
  JSON.parse(readFileSync(join(ROOT, chapter, 'tour.json'), 'utf8')) as Recorded

describe.each(CHAPTERS)('%s', (chapter) => {
  test('the tour steps both ways by button, key and list, and shows what was recorded', async () => {
    reader = await newReader()
    await reader.open(chapter)
    const tour = new Tour(reader.page)
    const { stops } = recorded(chapter)
    await tour.root.scrollIntoViewIfNeeded()
    await eventually(() => tour.at()).toEqual([1, 1, 1])
    expect(await tour.back.isDisabled()).toBe(true)

    let changed = 0
    const before = new Map<string, string>()
    for (const [i, stop] of stops.entries()) {
      if (i > 0) await tour.next.click()
      await eventually(() => tour.at()).toEqual([i + 1, i + 1, i + 1])
      expect(await tour.stop.count()).toBe(1)
      expect(await tour.stop.locator('figcaption code').innerText()).toBe(stop.at)
      const lit = tour.stop.locator('.ln.lit')
      expect(
        (await lit.evaluate((line) => line.lastChild!.parentElement!.innerText)).trim(),
      ).toContain(stop.code)
      // The line is in sight in its box, however long the function is.
      expect(await lit.evaluate(inSight)).toBe(true)
      const rows = await tour.stop.locator('.tour-values tr').evaluateAll((all) =>
        all.map((row) => ({
          name: row.querySelector('th')!.textContent,
          value: row.querySelector('td code')!.textContent,
          changed: row.classList.contains('changed'),
        })),
      )
      const expected = Object.entries(stop.values).map(([name, value]) => {
        const last = before.get(name)
        return { name, value, changed: last !== undefined && last !== value }
      })
      expect(rows).toEqual(expected)
      changed += rows.filter((row) => row.changed).length
      for (const { name, value } of rows) before.set(name, value)
    }
    expect(changed, 'a tour on which nothing changes shows nothing').toBeGreaterThan(0)
    expect(await tour.next.isDisabled()).toBe(true)

    const last = stops.length
    await tour.back.click()
    await eventually(() => tour.at()).toEqual([last - 1, last - 1, last - 1])
    await tour.plate.focus()
    await reader.page.keyboard.press('ArrowLeft')
    await eventually(() => tour.at()).toEqual([last - 2, last - 2, last - 2])
    await reader.page.keyboard.press('ArrowRight')
    await eventually(() => tour.at()).toEqual([last - 1, last - 1, last - 1])
    await reader.page.keyboard.press('Home')
    await eventually(() => tour.at()).toEqual([1, 1, 1])
    await reader.page.keyboard.press('End')
    await eventually(() => tour.at()).toEqual([last, last, last])
    await tour.jumps.nth(1).click()
    await eventually(() => tour.at()).toEqual([2, 2, 2])
    // It is said once, in words.
    expect(await tour.root.locator('[aria-live]').innerText()).toContain(`Stop 2 of ${last}`)

    // On paper stand all stops, and nothing to press.
    await reader.page.emulateMedia({ media: 'print' })
    expect(await tour.stop.count()).toBe(last)
    expect(await tour.root.locator('button').locator('visible=true').count()).toBe(0)
  })
})

const inSight = (line: Element): boolean => {
  const box = line.closest('pre')!.getBoundingClientRect()
  const { top, bottom } = line.getBoundingClientRect()
  return top >= box.top - 1 && bottom <= box.bottom + 1
}
