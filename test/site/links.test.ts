import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CHAPTERS, chapterUrl, PARTS } from '../../docs/.vitepress/book.ts'
import { neighbours, shelfOf } from '../../docs/.vitepress/theme/contents.ts'
import { checkSite } from '../../scripts/site/links.ts'
import { freePort, portFrom } from '../../scripts/site/ports.ts'
import { preview } from '../../scripts/site/preview.ts'

describe('checkSite', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dist-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const write = (path: string, html: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), html)
  }

  test('clean addresses, folders, anchors and files are found', () => {
    write('index.html', '<h1 id="top">a</h1><a href="/use/client#send">c</a><a href="#top">t</a>')
    write(
      'use/client.html',
      '<h2 id="send">s</h2><a href="../">home</a><script src="/a.js"></script>',
    )
    write('a.js', '')
    expect(checkSite(folder)).toEqual({ pages: 2, problems: [] })
  })

  test('a dead link, a dead anchor, a missing file and a foreign script are named', () => {
    write('index.html', '<a href="/gone">g</a><a href="/page#no">n</a><a href="//x.org/">ok</a>')
    write('page.html', '<img src="/no.png"><script src="https://cdn.org/x.js"></script>')
    expect(checkSite(folder).problems).toEqual([
      '/: /gone: leads nowhere',
      '/: /page#no: has no such anchor',
      '/page: /no.png: leads nowhere',
      '/page: https://cdn.org/x.js: is loaded from another origin',
    ])
  })
})

describe('the book', () => {
  test('chapters are numbered without a gap, in the order of the parts', () => {
    expect(CHAPTERS.map(({ number }) => number)).toEqual(CHAPTERS.map((_, at) => at))
    expect([...new Set(CHAPTERS.map(({ part }) => part))]).toEqual([...PARTS])
  })

  test('only written chapters are linked to, and follow each other', () => {
    const links = shelfOf('/chapters/')?.groups.flatMap(({ entries }) => entries) ?? []
    const written = CHAPTERS.filter((chapter) => chapter.written)
    expect(links.flatMap(({ link }) => link ?? [])).toEqual(written.map(chapterUrl))
    const [first] = written
    expect(neighbours(chapterUrl(first ?? expect.fail())).before).toBeNull()
  })
})

describe('ports', () => {
  test('a taken port gives way to the next free one', async () => {
    const taken = createServer()
    const port = await new Promise<number>((resolve) =>
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
    )
    expect(await freePort(port, '127.0.0.1')).toBeGreaterThan(port)
    await new Promise((resolve) => taken.close(resolve))
  })

  test('--port takes a number', () => {
    expect(portFrom([], 5173)).toBe(5173)
    expect(portFrom(['--port', '8080'], 5173)).toBe(8080)
    expect(() => portFrom(['--port', 'x'], 5173)).toThrow('--port must be a number')
  })
})

describe('preview', () => {
  test('answers clean addresses from the folder, and nothing from outside of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dist-'))
    writeFileSync(join(folder, 'page.html'), 'a page')
    writeFileSync(join(folder, '404.html'), 'no page')
    const { server, url } = await preview(folder, 4300)
    const get = async (path: string) => {
      const response = await fetch(url + path)
      return [response.status, await response.text()]
    }
    expect(await get('page')).toEqual([200, 'a page'])
    expect(await get('other')).toEqual([404, 'no page'])
    expect(await get('..%2f..%2fetc%2fpasswd')).toEqual([404, 'no page'])
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
  })
})
