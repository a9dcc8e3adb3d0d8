/**
 * The codecs in a real page: what is written there is read on Node, and the other way round. zstd
 * comes over the network when it is asked for, and not before.
 */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as onNode from '../platform/codecsPage.ts'
import { newReader, type Reader } from './support/browser.ts'
import { ROOT } from './support/site.ts'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
}
const PAGE = '<!doctype html><title>codecs</title><script type="module" src="/page.js"></script>'

/** The module as a page would load it, by the path of each of its files. */
const bundle = async (): Promise<ReadonlyMap<string, string | Uint8Array>> => {
  const built = await build({
    configFile: false,
    root: ROOT,
    publicDir: false,
    logLevel: 'error',
    build: {
      write: false,
      rolldownOptions: {
        input: 'test/platform/codecsPage.ts',
        output: { entryFileNames: 'page.js' },
      },
    },
  })
  const [output] = [built].flat()
  if (output === undefined || !('output' in output)) throw new Error('Vite gave no bundle')
  return new Map(
    output.output.map((file) => [
      `/${file.fileName}`,
      file.type === 'chunk' ? file.code : file.source,
    ]),
  )
}

const serve = async (files: ReadonlyMap<string, string | Uint8Array>): Promise<Server> => {
  const server = createServer(({ url = '/' }, response) => {
    const file = url === '/' ? PAGE : files.get(url)
    const type = TYPES[extname(url)] ?? 'text/html'
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': type }).end(file)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}

let server: Server
let reader: Reader
let page: Page
const asked: string[] = []

beforeAll(async () => {
  server = await serve(await bundle())
  reader = await newReader()
  page = reader.page
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.waitForFunction(() => 'codecs' in globalThis)
})

afterAll(async () => {
  await reader?.close()
  server?.close()
})

interface InPage {
  readonly codecs: {
    write(codec: string): string
    read(batch: string): [string, string, boolean]
    loadZstd(): Promise<void>
  }
}

const writtenInPage = (codec: string): Promise<string> =>
  page.evaluate((name) => (globalThis as unknown as InPage).codecs.write(name), codec)

const readInPage = (batch: string): Promise<[string, string, boolean]> =>
  page.evaluate((bytes) => (globalThis as unknown as InPage).codecs.read(bytes), batch)

test('a page that has not asked for zstd has not loaded it, and is told how to', async () => {
  const message = 'zstd is not loaded in this page: await loadZstd() before the first batch'
  await expect(writtenInPage('zstd')).rejects.toThrow(message)
  await expect(readInPage(onNode.write('zstd'))).rejects.toThrow(message)
  expect(asked.filter((path) => path !== '/favicon.ico')).toEqual(['/', '/page.js'])
})

test.each(CODECS)('a page and Node read what the other has written with %s', async (codec) => {
  if (codec === 'zstd') {
    await page.evaluate(() => (globalThis as unknown as InPage).codecs.loadZstd())
    expect(asked.filter((path) => path.endsWith('.wasm'))).toHaveLength(1)
  }
  const inPage = await writtenInPage(codec)
  const here = onNode.write(codec)
  const expected = [codec, `written with ${codec}`, true]
  expect(onNode.read(inPage)).toEqual(expected)
  expect(await readInPage(inPage)).toEqual(expected)
  expect(await readInPage(here)).toEqual(expected)
})
