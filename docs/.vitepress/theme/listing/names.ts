/**
 * Moving over the names of a listing with the keyboard: a listing is one stop of Tab, and its
 * names, hundreds on a page, are behind Enter.
 */

export const NAME = 'pre.code [data-t]'

const namesOf = (listing: Element): HTMLElement[] => [
  ...listing.querySelectorAll<HTMLElement>('[data-t]'),
]

/** Where a key leads from `at`, a listing or one of its names; `null`: the key is not ours. */
export const nextFocus = (at: HTMLElement, key: string): HTMLElement | null => {
  if (at.matches('pre.code')) return key === 'Enter' ? (namesOf(at)[0] ?? null) : null
  const listing = at.closest<HTMLElement>('pre.code')
  if (listing === null) return null
  const names = namesOf(listing)
  const here = names.indexOf(at)
  switch (key) {
    case 'ArrowRight':
      return names[here + 1] ?? at
    case 'ArrowLeft':
      return names[here - 1] ?? at
    case 'ArrowDown':
      return inLine(at, names.slice(here + 1)) ?? at
    case 'ArrowUp':
      return inLine(at, names.slice(0, here).reverse()) ?? at
    case 'Home':
      return names[0] ?? at
    case 'End':
      return names.at(-1) ?? at
    case 'Escape':
      return listing
    default:
      return null
  }
}

/** Of the next line that has names, the one that stands nearest to `from`. */
const inLine = (from: HTMLElement, names: readonly HTMLElement[]): HTMLElement | undefined => {
  const own = from.closest('.ln')
  const line = names.find((name) => name.closest('.ln') !== own)?.closest('.ln')
  const x = from.getBoundingClientRect().left
  const distance = (name: HTMLElement): number => Math.abs(name.getBoundingClientRect().left - x)
  return names
    .filter((name) => name.closest('.ln') === line && line !== undefined)
    .sort((one, other) => distance(one) - distance(other))[0]
}
