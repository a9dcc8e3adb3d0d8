/**
 * What `:target` is for who came from another page of the book: the router changes the address
 * without the browser's help, so the browser does not know at which line the reader has arrived.
 *
 *     :root:not(.went-on) .ln:target, .ln.is-target { … }
 */

import { useRoute } from 'vitepress'
import { nextTick, watch } from 'vue'

/** The classes of the element that the address names, and of a page that the router went to. */
const IS_TARGET = 'is-target'
const WENT_ON = 'went-on'

export const useTarget = (): void => {
  const route = useRoute()
  const mark = async (): Promise<void> => {
    await nextTick()
    document.documentElement.classList.add(WENT_ON)
    for (const old of document.getElementsByClassName(IS_TARGET)) old.classList.remove(IS_TARGET)
    const target = document.getElementById(route.hash.slice(1))
    target?.classList.add(IS_TARGET)
    // The browser would unfold what hides it.
    target?.closest('details')?.setAttribute('open', '')
  }
  watch([() => route.path, () => route.hash], mark, { flush: 'post' })
}
