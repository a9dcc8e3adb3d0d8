/** One page for each file of `src/`: its own annotated edition. */

import { titleOf } from '../.vitepress/markdown/sourceBlock.ts'
import { library } from '../.vitepress/sources/library.ts'

// biome-ignore lint/style/noDefaultExport: VitePress asks for one
export default {
  watch: ['../../src/**/*.ts'],
  paths: () =>
    library()
      .paths()
      .map((path) => ({
        params: { path: path.replace(/\.ts$/, '') },
        content: page(path),
      })),
}

// Files of one name lie in several folders, and tabs and bookmarks must tell them apart.
// The text of a source is no prose to search in; its names are found by themselves.
const page = (path: string): string => `---
title: ${JSON.stringify(`${titleOf(path)} · ${path.replace(/\/[^/]*$/, '')}`)}
layout: page
search: false
---

::: source ${path}
:::
`
