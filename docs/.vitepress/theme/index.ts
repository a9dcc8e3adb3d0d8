/**
 * The theme: a book on warm paper. Layout, styles and search are its own; nothing of VitePress's
 * default theme is loaded.
 *
 * Components that Markdown may name are registered here: the signs, and everything below `home/`,
 * `figures/`, `measured/` and `lab/`, each under its file's name and loaded when a page uses it.
 * Figures and labs come as HTML; their script comes when they are nearly in view.
 */

import type { Theme } from 'vitepress'
import { type Component, defineAsyncComponent } from 'vue'
import Layout from './Layout.vue'
import { late } from './late.ts'
import SourceLink from './SourceLink.vue'
import NounGlyph from './signs/NounGlyph.vue'
import Sign from './signs/Sign.vue'
import './styles/base.css'
import './styles/page.css'
import './styles/prose.css'
import './styles/try.css'
import './styles/verdicts.css'
import './styles/code.css'
import './styles/search.css'
import './source/source.css'
import './diagrams/diagrams.css'
import './styles/print.css'

const OF_OTHERS = import.meta.glob<{ default: Component }>([
  './home/*.vue',
  './figures/*.vue',
  './lab/*.vue',
  './listing/*.vue',
  './measured/Measured*.vue',
  './tour/*.vue',
])

const LATE = /^\.\/(figures|lab)\//

const theme: Theme = {
  Layout,
  enhanceApp: ({ app }) => {
    app.component('Sign', Sign)
    app.component('NounGlyph', NounGlyph)
    app.component('SourceLink', SourceLink)
    for (const [path, loader] of Object.entries(OF_OTHERS)) {
      const name = path.slice(path.lastIndexOf('/') + 1, -'.vue'.length)
      app.component(name, LATE.test(path) ? late(loader) : defineAsyncComponent(loader))
    }
  },
}

export default theme
