/** The index that VitePress makes of all pages, ready to be asked. */

/// <reference path="../shims.d.ts" />
import type MiniSearch from 'minisearch'

export const loadIndex = async (): Promise<MiniSearch> => {
  const [{ default: Search }, { default: indexes }] = await Promise.all([
    import('minisearch'),
    import('@localSearchIndex'),
  ])
  const made = await indexes['root']?.()
  if (made === undefined) throw new Error('the site was built without one')
  return Search.loadJSON(made.default, {
    // As VitePress made it; what differs cannot be loaded.
    fields: ['title', 'titles', 'text'],
    storeFields: ['title', 'titles'],
    searchOptions: { fuzzy: 0.2, prefix: true, boost: { title: 4, text: 2, titles: 1 } },
  })
}
