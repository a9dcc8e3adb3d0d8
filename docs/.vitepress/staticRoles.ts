/**
 * Lets listings stay out of a page's script.
 *
 * Vue makes one string of HTML that never changes, and VitePress leaves such strings out of the
 * script of a page that comes as HTML anyway. But Vue does so only where it knows each attribute,
 * and it does not know `role`: every listing would come a second time, as a tree of script. So a
 * template is compiled with another word in its place, and the word is changed back behind it.
 *
 * I1  In what leaves the compiler, every `role` is there again.
 */

import type { Plugin } from 'vite'
import type { CompilerOptions } from 'vue/compiler-sfc'

type NodeTransform = NonNullable<CompilerOptions['nodeTransforms']>[number]

/** Vue knows every attribute that begins with `data-`. */
const STAND_IN = 'data-kept-role'

/** Of `@vue/compiler-core`'s enumerations, which are no values at run time. */
const ELEMENT = 1
const ATTRIBUTE = 6
const PLAIN_TAG = 0

export const hideRoles: NodeTransform = (node) => {
  if (node.type !== ELEMENT || node.tagType !== PLAIN_TAG) return
  for (const prop of node.props) {
    if (prop.type === ATTRIBUTE && prop.name === 'role') prop.name = STAND_IN
  }
}

export const showRoles = (): Plugin => ({
  name: 'show-roles',
  transform: (code) =>
    code.includes(STAND_IN) ? { code: code.replaceAll(STAND_IN, 'role'), map: null } : null,
})
