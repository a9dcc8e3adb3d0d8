/**
 * Components whose script comes when a reader is about to see them. Until then the page shows the
 * HTML that it came with.
 *
 * (Vue's own lazy hydration runs a script late, but loads it at once.)
 *
 * I1  A component that has no HTML yet, on a page that was gone to from another, is loaded at once.
 * I2  Who leaves the page does not leave a component behind that is never loaded.
 */

import { type Component, defineAsyncComponent, getCurrentInstance, onBeforeUnmount } from 'vue'

type Loader = () => Promise<{ default: Component }>

/** As far below the view as a lab asks for its engine (lab/useLab.ts). */
const AHEAD = '240px'

export const late = (loader: Loader): Component =>
  defineAsyncComponent(async () => {
    // Vue calls this while it sets a component up; what is hydrated has its element already.
    const html = getCurrentInstance()?.vnode.el
    if (html?.nodeType === 1) await nearlySeen(html as unknown as Element)
    return loader()
  })

const nearlySeen = (element: Element): Promise<void> =>
  new Promise((resolve) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) done()
      },
      { rootMargin: AHEAD },
    )
    const done = (): void => {
      observer.disconnect()
      resolve()
    }
    onBeforeUnmount(done)
    observer.observe(element)
  })
