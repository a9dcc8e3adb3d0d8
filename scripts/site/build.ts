/**
 * `npm run docs:build`: API reference, static site (docs/.vitepress/dist), then every link, anchor
 * and asset of what was built.
 *
 * A build makes hundreds of pages out of short-lived objects. The script in package.json gives
 * these more room than Node does by itself (`--max-semi-space-size`), or they are collected too
 * often.
 */

import { join } from 'node:path'
import { build } from 'vitepress'
import { writeApi } from './api.ts'
import { ROOT } from './apiFolder.ts'
import { checkSite } from './links.ts'

await writeApi()
await build(join(ROOT, 'docs'))
const { pages, problems } = checkSite(join(ROOT, 'docs/.vitepress/dist'))
for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error(`${problems.length} dead links, anchors or assets`)
  process.exit(1)
}
console.log(`${pages} pages; every link, anchor and asset was found`)
