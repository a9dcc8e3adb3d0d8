/**
 * The site: chapters at `/chapters/<folder>/`, everything of `docs/` at `/`.
 *
 * I1  No page asks another origin for anything: no font, no script, no picture.
 * I2  A page is a Markdown file of `docs/` or the `index.md` of a chapter; other Markdown of the
 *     repository (README, measurements) is not.
 */

import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'
import { writtenChapters } from './book.ts'
import { inkTheme } from './markdown/highlight.ts'
import { pageTypesPlugin } from './markdown/hover/pageTypes.ts'
import { installMarkdown } from './markdown/install.ts'
import { spokenLines } from './markdown/spokenLinesPlugin.ts'
import { sourceNames } from './sources/sourceNamesPlugin.ts'
import { hideRoles, showRoles } from './staticRoles.ts'
import { vocabularyCss } from './theme/vocabulary.ts'

const root = new URL('../..', import.meta.url).pathname

/** Where a built site's links into the source lead; `null`: package.json names no repository. */
const repository = (): string | null => {
  const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  const url: unknown = manifest.repository?.url
  return typeof url === 'string' ? url.replace(/^git\+/, '').replace(/\.git$/, '') : null
}

export default defineConfig({
  title: 'Annotated Kafka',
  titleTemplate: ':title · Annotated Kafka',
  description:
    'An Apache Kafka client and embedded cluster in TypeScript, and the book that explains them.',
  lang: 'en',
  srcDir: root,
  srcExclude: ['*.md', '!(docs|chapters)/**', 'chapters/*/!(index).md', 'chapters/*/*/**'],
  rewrites: { 'docs/:rest*': ':rest*' },
  outDir: `${root}docs/.vitepress/dist`,
  cacheDir: `${root}node_modules/.cache/vitepress`,
  cleanUrls: true,
  lastUpdated: false,
  head: [
    ['style', {}, vocabularyCss()],
    ['link', { rel: 'icon', type: 'image/svg+xml', href: '/mark.svg' }],
    ['meta', { name: 'theme-color', content: '#f8f2e4' }],
  ],
  markdown: {
    theme: inkTheme,
    typographer: true,
    config: installMarkdown,
    headers: { level: [2, 3] },
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        // Prose is what a reader looks for; listings and the API would drown it.
        _render: async (source, env, md) =>
          source.startsWith('---\nsearch: false')
            ? ''
            : (await md.renderAsync(source, env)).replace(
                /<figure class="listing"[\s\S]*?<\/figure>/g,
                '',
              ),
      },
    },
  },
  vue: { template: { compilerOptions: { nodeTransforms: [hideRoles] } } },
  vite: {
    publicDir: `${root}docs/public`,
    define: {
      __WRITTEN_CHAPTERS__: JSON.stringify(writtenChapters()),
      __REPOSITORY__: JSON.stringify(repository()),
    },
    plugins: [spokenLines(), sourceNames(), pageTypesPlugin(), showRoles()],
    // The engine of the labs is one chunk, loaded when the first lab comes into view.
    build: {
      chunkSizeWarningLimit: 1500,
      // A lab shows what the engine says, and errors say the names of their classes.
      rolldownOptions: { output: { keepNames: true } },
    },
  },
})
