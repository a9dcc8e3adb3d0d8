/**
 * Finds the browser, brings it where it may, or says in one line what is missing: a run of tests
 * that silently did not look at the site proves nothing.
 */

import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const PACKAGES = ['chromium', 'fonts-noto-cjk']
const INSTALL = `apt-get install -y --no-install-recommends ${PACKAGES.join(' ')}`

/** No sandbox, as it runs as root in containers; nothing that asks the network by itself. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** `message` is the one line to print. */
export class MissingChromium extends Error {}

/** The path of a Chromium; throws `MissingChromium`. */
export const bringChromium = (): string => {
  const given = process.env['CHROMIUM_PATH']
  if (given !== undefined && given !== '') {
    if (isExecutable(given)) return given
    throw new MissingChromium(`Missing: CHROMIUM_PATH names '${given}', which cannot be run.`)
  }
  const found = onPath()
  if (found !== undefined) return found
  if (process.getuid?.() === 0 && install()) {
    const installed = onPath()
    if (installed !== undefined) return installed
  }
  throw new MissingChromium(
    `Missing: Chromium, for the tests of the site. Get it with '${INSTALL}', ` +
      'or name one in CHROMIUM_PATH.',
  )
}

const onPath = (): string | undefined => {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not there, or not to be run: for the caller the same.
    return false
  }
}

const install = (): boolean =>
  runs('apt-get', 'update', '-qq') &&
  runs('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...PACKAGES)

const runs = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0
