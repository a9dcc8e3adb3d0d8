/** The contents of the API reference, read at build from the file that TypeDoc wrote. */

import { existsSync, readFileSync } from 'node:fs'

export interface ApiItem {
  readonly text: string
  readonly link?: string
  readonly items?: readonly ApiItem[]
}

const FILE = new URL('../../api/typedoc-sidebar.json', import.meta.url).pathname

export declare const data: readonly ApiItem[]

/** Links as the site writes them: from the root of the site, without `.md`. */
const tidy = (item: ApiItem): ApiItem => ({
  text: item.text,
  ...(item.link === undefined
    ? {}
    : { link: item.link.replace(/^.*\/?api\//, '/api/').replace(/(index)?\.md$/, '') }),
  ...(item.items === undefined ? {} : { items: item.items.map(tidy) }),
})

/** More than a hundred classes are errors; in a group of their own the others can be found. */
const errorsApart = (module: ApiItem): ApiItem => {
  const isError = ({ text }: ApiItem): boolean => text.endsWith('Exception')
  const items = (module.items ?? []).flatMap((kind): ApiItem[] => {
    const all = kind.items ?? []
    if (kind.text !== 'Classes' || !all.some(isError)) return [kind]
    return [
      { ...kind, items: all.filter((item) => !isError(item)) },
      { text: 'Errors', items: all.filter(isError) },
    ]
  })
  return { ...module, items }
}

const ORDER = ['client', 'broker', 'testing']
const clientFirst = (a: ApiItem, b: ApiItem): number =>
  ORDER.indexOf(a.text) - ORDER.indexOf(b.text)

export default {
  watch: [FILE],
  load: (): readonly ApiItem[] => {
    if (!existsSync(FILE)) return []
    const modules = JSON.parse(readFileSync(FILE, 'utf8')) as ApiItem[]
    return modules.map(tidy).map(errorsApart).sort(clientFirst)
  },
}
