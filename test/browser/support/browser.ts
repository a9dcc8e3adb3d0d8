/**
 * A reader's window on the built site, and an eye on everything that a page must never do.
 *
 * I1  A window is a context of its own: no window knows what another has stored.
 * I2  Nothing here waits for a time to pass. It waits for something to be true, up to a deadline.
 */

import {
  type Browser,
  type BrowserContext,
  chromium,
  type Page,
  type Request,
} from 'playwright-core'
import { afterAll, expect, inject } from 'vitest'

export interface View {
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
  /** The reader has asked for less motion. */
  readonly calm?: boolean
  /** The reader has fingers and no mouse. */
  readonly touch?: boolean
}

export interface Reader {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page did that it must not do, each in a line. */
  readonly problems: string[]
  /** Opens a page of the site; waits until Vue has taken it over and has all that it asked for. */
  open(path: string): Promise<void>
  /** Waits until nothing is asked for any more, and what came has been drawn. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** How long a condition may take to come true. */
const DEADLINE_MS = 15_000

export const origin = inject('origin')

let connected: Promise<Browser> | undefined
const browser = (): Promise<Browser> => (connected ??= chromium.connect(inject('browserEndpoint')))

afterAll(async () => {
  const open = await connected
  connected = undefined
  await open?.close()
})

export const newReader = async (view: View = {}): Promise<Reader> => {
  const context = await (await browser()).newContext({
    viewport: { width: view.width ?? 1440, height: view.height ?? 900 },
    colorScheme: view.theme ?? 'light',
    reducedMotion: view.calm === true ? 'reduce' : 'no-preference',
    hasTouch: view.touch === true,
    permissions: ['clipboard-read', 'clipboard-write'],
    baseURL: origin,
  })
  context.setDefaultTimeout(DEADLINE_MS)
  const page = await context.newPage()
  const problems: string[] = []
  watch(page, problems)
  const onTheirWay = requestsOf(page)
  const settled = async (): Promise<void> => {
    const deadlineMs = Date.now() + DEADLINE_MS
    do {
      await drawn(page)
      if (Date.now() > deadlineMs) {
        const urls = [...onTheirWay].map((request) => request.url())
        throw new Error(`${page.url()} still waits for ${urls.join(' ')}`)
      }
    } while (onTheirWay.size > 0)
  }
  const open = async (path: string): Promise<void> => {
    await page.goto(path, { waitUntil: 'load' })
    // Vue marks the element that it has mounted.
    await page.waitForFunction(() => {
      const app = document.querySelector('#app')
      return app !== null && '__vue_app__' in app
    })
    await settled()
  }
  return { page, context, problems, open, settled, close: () => context.close() }
}

/** Waits for two frames: what was changed before the first is on the screen after the second. */
export const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()))
      }),
  )

const requestsOf = (page: Page): ReadonlySet<Request> => {
  const onTheirWay = new Set<Request>()
  page.on('request', (request) => onTheirWay.add(request))
  page.on('requestfinished', (request) => onTheirWay.delete(request))
  page.on('requestfailed', (request) => onTheirWay.delete(request))
  return onTheirWay
}

const watch = (page: Page, problems: string[]): void => {
  const note = (line: string): void => {
    problems.push(`${new URL(page.url()).pathname}: ${line}`)
  }
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) note(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => note(`page error: ${error.message}`))
  page.on('request', (request) => {
    const url = new URL(request.url())
    const isOwn = url.origin === origin || ['data:', 'blob:'].includes(url.protocol)
    if (!isOwn) note(`asks another origin: ${url.href}`)
  })
  page.on('requestfailed', (request) => {
    // A page that is left takes back what it had asked for.
    if (request.failure()?.errorText === 'net::ERR_ABORTED') return
    note(`failed: ${request.url()}: ${request.failure()?.errorText}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) note(`${response.status()}: ${response.url()}`)
  })
}

/** `expect`, again and again until it holds or the deadline is over. */
export const eventually = <T>(look: () => T | Promise<T>, what?: string) =>
  expect.poll(look, { timeout: DEADLINE_MS, interval: 50, ...(what && { message: what }) })
