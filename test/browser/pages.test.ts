/**
 * Every page of the built site, by the list of its files and by its own links: it loads in peace,
 * says what it is, and fits its window.
 */

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newReader, origin, type Reader } from './support/browser.ts'
import { CHAPTERS } from './support/chapter.ts'
import { builtPages, pageFile, SOURCE_SAMPLE } from './support/site.ts'

/** Pages are looked at side by side; more windows than this only wait for each other. */
const WINDOWS = 3
const WIDTHS = [1440, 1024, 390]
const HEIGHT = 900

interface Seen {
  readonly path: string
  readonly problems: readonly string[]
  readonly faults: readonly string[]
  readonly title: string
  readonly links: readonly string[]
}

let seen: Seen[] = []
let lost: Reader

/** All but the annotated sources, which are hundreds of one kind: of them a few. */
const all = builtPages().filter((path) => path !== '/404')
const isVisited = (path: string): boolean =>
  !path.startsWith('/source/src/') || SOURCE_SAMPLE.includes(path)

beforeAll(async () => {
  const paths = all.filter(isVisited)
  const look = async (): Promise<Seen[]> => {
    const reader = await newReader()
    const found: Seen[] = []
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      found.push(await visit(reader, path))
    }
    await reader.close()
    return found
  }
  seen = (await Promise.all(Array.from({ length: WINDOWS }, look))).flat()
  lost = await newReader()
  await lost.open('/no/such/page')
}, 240_000)
afterAll(() => lost.close())

const visit = async (reader: Reader, path: string): Promise<Seen> => {
  const { page, problems } = reader
  problems.length = 0
  await page.setViewportSize({ width: WIDTHS[0]!, height: HEIGHT })
  await reader.open(path)
  const faults = await describe(page)
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT })
    faults.push(...(await sideways(page)).map((what) => `${width} px: ${what}`))
  }
  await reader.settled()
  const title = await page.title()
  return { path, problems: [...problems], faults, title, links: await linksOf(page) }
}

/** What a page must say of itself. */
const describe = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const faults: string[] = []
    const headings = document.querySelectorAll('h1').length
    if (headings !== 1) faults.push(`${headings} h1`)
    if (document.title.trim() === '') faults.push('no title')
    if (document.documentElement.lang === '') faults.push('no lang')
    const description = document.querySelector<HTMLMetaElement>('meta[name=description]')
    if (!description?.content.trim()) faults.push('no description')
    return faults
  })

/** What stands out at a side, unless it is in a box that scrolls by itself. */
const sideways = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const root = document.scrollingElement!
    const scrolls = (element: Element): boolean => {
      for (let box = element.parentElement; box && box !== root; box = box.parentElement) {
        if (box !== document.body && getComputedStyle(box).overflowX !== 'visible') return true
      }
      return false
    }
    const out = [...document.body.querySelectorAll('*')].filter((element) => {
      const { left, right } = element.getBoundingClientRect()
      // What is wholly outside is put there on purpose: a link that waits for the focus.
      const isHidden = getComputedStyle(element).opacity === '0'
      const isCutOff = right > 0 && left < -0.5 && !isHidden
      return (right > window.innerWidth + 0.5 || isCutOff) && !scrolls(element)
    })
    const names = [...new Set(out.map((e) => `${e.localName}.${[...e.classList].join('.')}`))]
    const isCutOff = out.some((element) => element.getBoundingClientRect().left < -0.5)
    if (root.scrollWidth <= window.innerWidth && !isCutOff) return []
    return [`${root.scrollWidth} px wide: ${names.slice(0, 3).join(', ')}`]
  })

/** Pages of the site that a page links to, without what names a place on them. */
const linksOf = async (page: Page): Promise<string[]> => {
  const hrefs = await page
    .locator('a[href]')
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))
  const own = hrefs.map((href) => new URL(href)).filter((url) => url.origin === origin)
  return [...new Set(own.map(({ pathname }) => pathname.replace(/\/index$/, '/')))]
}

test('there are the pages that the book promises', () => {
  const paths = seen.map(({ path }) => path)
  expect(paths).toEqual(
    expect.arrayContaining([
      '/',
      ...CHAPTERS,
      '/source/',
      ...SOURCE_SAMPLE,
      ...['notes', 'rosetta', 'simplified', 'glossary'].map((name) => `/reference/${name}`),
      '/use/client',
      '/use/embedded-cluster',
      '/reference/configuration',
      '/reference/errors',
      '/kafka-version',
      '/dependencies',
      '/api/',
    ]),
  )
})

test('every page loads without an error, a warning, or a question to another origin', () => {
  expect(seen.flatMap(({ problems }) => problems)).toEqual([])
})

test('every page has one h1, a title, a language and a description, and fits its window', () => {
  expect(seen.flatMap(({ path, faults }) => faults.map((fault) => `${path}: ${fault}`))).toEqual([])
})

test('no two pages have the same title', () => {
  const titles = new Map(
    all.map((path) => [path, /<title>(.*?)<\/title>/.exec(pageFile(path))?.[1]]),
  )
  const known = [...titles.values()]
  const twice = [...titles].filter(([, title]) => known.indexOf(title) !== known.lastIndexOf(title))
  expect(twice.map(([path, title]) => `${title}: ${path}`).sort()).toEqual([])
})

test('links lead from the first page to every page, and to no page that is not there', () => {
  const pages = new Map(seen.map((page) => [page.path, page]))
  const reached = new Set(['/'])
  for (const path of reached) for (const link of pages.get(path)?.links ?? []) reached.add(link)
  expect([...reached].filter((path) => !all.includes(path))).toEqual([])
  expect(all.filter((path) => !reached.has(path))).toEqual([])
})

test('what is not there is answered with a page that leads home', async () => {
  const { page, problems } = lost
  expect(await describe(page)).toEqual([])
  expect(await page.locator('h1').innerText()).toContain('There is no page here.')
  // The browser itself reports the answer to the address that was asked for; nothing else is wrong.
  expect(problems.filter((line) => !/404/.test(line))).toEqual([])
  await page.locator('main a[href="/"]').click()
  await page.waitForURL(`${origin}/`)
})
