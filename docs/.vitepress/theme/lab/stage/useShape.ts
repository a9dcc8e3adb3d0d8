/**
 * Which way a stage is drawn: wide, with its houses side by side, or tall, by the room there is.
 *
 * A page that is drawn on the server does not know its width yet. Until `isMeasured` the styles
 * decide, and keep the room that a tall stage will need.
 */

import { computed, onBeforeUnmount, onMounted, type Ref, ref } from 'vue'
import type { Shape } from './frame.ts'

/**
 * @param root what the stage is drawn in
 * @param wideFrom pixels of width from which on it is wide
 * @param given the shape, where somebody else decides
 */
export const useShape = (
  root: Readonly<Ref<HTMLElement | null>>,
  wideFrom: number,
  given: () => Shape | undefined,
) => {
  const measured = ref<Shape>('wide')
  const isMeasured = ref(false)
  let observer: ResizeObserver | undefined
  const look = (width: number): void => {
    measured.value = width >= wideFrom ? 'wide' : 'tall'
  }
  onMounted(() => {
    if (root.value === null) return
    look(root.value.clientWidth)
    isMeasured.value = true
    observer = new ResizeObserver(([entry]) => look(entry!.contentRect.width))
    observer.observe(root.value)
  })
  onBeforeUnmount(() => observer?.disconnect())
  return { shape: computed(() => given() ?? measured.value), isMeasured }
}
