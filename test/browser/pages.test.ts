/**
 * The pages of the built site. All of them, as files: each says what it is, and is reached. Some of
 * every kind, in a window: each loads in peace, and fits.
 */

import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { newReader, origin, type Reader } from './support/browser.ts'
import { CHAPTERS } from './support/chapter.ts'
import { builtPages, pageFile, SOURCE_SAMPLE } from './support/site.ts'

/** Pages are looked at side by side; more windows than this only wait for each other. */
const WINDOWS = 2
const WIDTHS = [1440, 1024, 390]
const HEIGHT = 900
const API_SAMPLE = 12

interface Seen {
  readonly path: string
  readonly problems: readonly string[]
  readonly faults: readonly string[]
}

const all = builtPages().filter((path) => path !== '/404')
const isSource = (path: string): boolean => path.startsWith('/source/src/')
const isApi = (path: string): boolean => path.startsWith('/api/')

/**
 * Hundreds of pages are of these two kinds, and each kind has one form: a few of them are opened.
 */
const visited = (): string[] => {
  const api = all.filter(isApi)
  const step = Math.ceil(api.length / API_SAMPLE)
  return [
    ...all.filter((path) => !isSource(path) && !isApi(path)),
    ...SOURCE_SAMPLE,
    // Evenly over the list, which begins with the first page of them.
    ...api.filter((_, i) => i % step === 0),
  ]
}

let seen: Seen[] = []

beforeAll(async () => {
  const paths = visited()
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
}, 240_000)

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
  return { path, problems: [...problems], faults }
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

/** The same of a page as it was built, which is how a search engine sees it. */
const describeBuilt = (html: string): string[] => {
  const headings = html.match(/<h1[ >]/g)?.length ?? 0
  return [
    ...(headings === 1 ? [] : [`${headings} h1`]),
    ...(/<title>\s*\S.*?<\/title>/.test(html) ? [] : ['no title']),
    ...(/<html [^>]*\blang="\w/.test(html) ? [] : ['no lang']),
    ...(/<meta name="description" content="\s*[^"\s]/.test(html) ? [] : ['no description']),
  ]
}

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

/** Pages of the site that a built page links to, without what names a place on them. */
const linksOf = (path: string): string[] => {
  const hrefs = [...pageFile(path).matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, href]) => href!)
  const own = hrefs
    .map((href) => new URL(href, origin + path))
    .filter((url) => url.origin === origin)
  return [...new Set(own.map(({ pathname }) => pathname.replace(/\/index$/, '/')))]
}

test('there are the pages that the book promises', () => {
  expect(seen.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      '/',
      ...CHAPTERS,
      '/source/',
      ...SOURCE_SAMPLE,
      ...['notes', 'rosetta', 'simplified', 'glossary'].map((name) => `/reference/${name}`),
      '/use/client',
      '/use/consuming',
      '/use/embedded-cluster',
      '/use/testing',
      '/reference/configuration',
      '/reference/metrics',
      '/reference/errors',
      '/benchmarks',
      '/kafka-version',
      '/dependencies',
      '/api/',
    ]),
  )
})

test('a page loads without an error, a warning, or a question to another origin', () => {
  expect(seen.flatMap(({ problems }) => problems)).toEqual([])
})

test('every page has one h1, a title, a language and a description', () => {
  const faults = all.flatMap((path) =>
    describeBuilt(pageFile(path)).map((fault) => `${path}: ${fault}`),
  )
  expect(faults).toEqual([])
})

test('it still has them when Vue has taken it over, and fits its window', () => {
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
  const reached = new Set(['/'])
  for (const path of reached) {
    if (all.includes(path)) for (const link of linksOf(path)) reached.add(link)
  }
  expect([...reached].filter((path) => !all.includes(path))).toEqual([])
  expect(all.filter((path) => !reached.has(path))).toEqual([])
})

test('what is not there is answered with a page that leads home', async () => {
  const lost = await newReader()
  const { page, problems } = lost
  await lost.open('/no/such/page')
  expect(await describe(page)).toEqual([])
  expect(await page.locator('h1').innerText()).toContain('There is no page here.')
  // The browser itself reports the answer to the address that was asked for; nothing else is wrong.
  expect(problems.filter((line) => !/404/.test(line))).toEqual([])
  await page.locator('main a[href="/"]').click()
  await page.waitForURL(`${origin}/`)
  await lost.close()
})
