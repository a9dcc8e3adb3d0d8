/**
 * What a page weighs. Each script that came over the wire is counted as gzip makes it, whatever the
 * server did; the figures are printed.
 */

import { gzipSync } from 'node:zlib'
import type { Page, Response } from 'playwright-core'
import { expect, test } from 'vitest'
import { newReader } from './support/browser.ts'
import { CHAPTERS, Plate, SmallFigure } from './support/chapter.ts'
import { builtPages, SOURCE_SAMPLE } from './support/site.ts'

const MOST_BEFORE_A_LAB = 120_000
/**
 * Producer, consumer and brokers, with the lab around them. It was 250 kB before groups: a consumer
 * brings its coordinator, a broker the other half, whether or not a lab has a group in it.
 */
const MOST_OF_THE_ENGINE = 300_000

interface Script {
  readonly name: string
  readonly bytes: number
}

/** Collects the scripts that `page` gets from now on. */
const scriptsOf = (page: Page): (() => Promise<Script[]>) => {
  const responses: Response[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') responses.push(response)
  })
  return () =>
    Promise.all(
      responses.map(async (response) => ({
        name: new URL(response.url()).pathname.split('/').at(-1)!,
        bytes: gzipSync(await response.body()).length,
      })),
    )
}

const sum = (scripts: readonly Script[]): number => scripts.reduce((n, { bytes }) => n + bytes, 0)
const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`

/** In this window nothing ever comes into view. */
const blind = async (page: Page): Promise<void> => {
  await page.addInitScript(() => {
    window.IntersectionObserver = class {
      readonly root = null
      readonly rootMargin = ''
      readonly scrollMargin = ''
      readonly thresholds = []
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
      takeRecords(): IntersectionObserverEntry[] {
        return []
      }
    }
  })
}

const pages = builtPages()
const api = ['classes', 'functions'].flatMap((folder) =>
  pages.filter((path) => path.startsWith('/api/') && path.includes(`/${folder}/`)).slice(0, 1),
)

const others = ['/use/client', '/reference/configuration', '/reference/rosetta', '/source/']
const sources = SOURCE_SAMPLE.slice(0, 1)

test.each(['/', ...CHAPTERS, ...others, ...sources, '/api/', ...api])(
  'before a lab comes into view, %s has at most 120 kB of script',
  async (path) => {
    const reader = await newReader()
    await blind(reader.page)
    const scripts = scriptsOf(reader.page)
    await reader.open(path)
    const loaded = await scripts()
    console.info(`${path}: ${kB(sum(loaded))} of script in ${loaded.length} files, gzipped`)
    expect(loaded.length).toBeGreaterThan(0)
    expect(sum(loaded)).toBeLessThanOrEqual(MOST_BEFORE_A_LAB)
    await reader.close()
  },
)

test.each(CHAPTERS)(
  'the engine comes with the first lab of %s in view, weighs at most 300 kB, and comes once',
  async (chapter) => {
    const reader = await newReader()
    const scripts = scriptsOf(reader.page)
    await reader.open(chapter)
    const before = await scripts()
    expect(before.filter(({ name }) => name.startsWith('engine'))).toEqual([])

    await new Plate(reader.page).start()
    await reader.settled()
    const came = (await scripts()).slice(before.length)
    const lines = came.filter(({ name }) => name.includes('spoken-lines'))
    const engine = came.filter((script) => !lines.includes(script))
    const list = came.map(({ name, bytes }) => `${name} ${kB(bytes)}`).join(', ')
    console.info(`the lab: ${kB(sum(engine))} of script, and ${kB(sum(lines))} of code to show`)
    console.info(`  ${list}`)
    expect(came.filter(({ name }) => name.startsWith('engine'))).toHaveLength(1)
    expect(sum(engine)).toBeLessThanOrEqual(MOST_OF_THE_ENGINE)

    const held = await scripts()
    const figures = await reader.page.locator('figure.figure').count()
    for (let number = 1; number <= figures; number++) {
      await new SmallFigure(reader.page, number).start()
    }
    await reader.settled()
    const again = (await scripts()).slice(held.length).map(({ name }) => name)
    expect(again.filter((name) => engine.some((script) => script.name === name))).toEqual([])
    await reader.close()
  },
)
