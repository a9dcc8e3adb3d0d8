/**
 * For the whole run: the site is built if it must be, served, and one browser is started. Tests
 * get both through `inject`, in `support/browser.ts`.
 */

import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { bringChromium, CHROMIUM_FLAGS, MissingChromium } from './chromium.ts'
import { buildSite, serveSite } from './site.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the served site. */
    origin: string
    /** Where the browser is reached. */
    browserEndpoint: string
  }
}

const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const executablePath = browserPath()
  buildSite()
  const site = await serveSite()
  const browser = await chromium.launchServer({
    executablePath,
    headless: true,
    args: [...CHROMIUM_FLAGS],
    host: '127.0.0.1',
  })
  project.provide('origin', site.origin)
  project.provide('browserEndpoint', browser.wsEndpoint())
  return async () => {
    await browser.close()
    await site.stop()
  }
}

const browserPath = (): string => {
  try {
    return bringChromium()
  } catch (error) {
    if (!(error instanceof MissingChromium)) throw error
    process.stderr.write(`\n${error.message}\n`)
    process.exit(1)
  }
}

export { setup }
