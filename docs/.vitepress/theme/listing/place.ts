/** Where a small text stands beside the thing that it is about. */

const GAP = 6
const EDGE = 12

/**
 * Below `anchor`, above where there is no room; never beyond the sides of the window.
 *
 * @returns what `box`, which is positioned absolutely, gets as its style
 */
export const place = (anchor: DOMRect, box: HTMLElement): { left: string; top: string } => {
  const { width, height } = box.getBoundingClientRect()
  const { clientWidth, clientHeight } = document.documentElement
  const left = Math.max(EDGE, Math.min(anchor.left, clientWidth - width - EDGE))
  const below = anchor.bottom + GAP
  const above = anchor.top - GAP - height
  const top = below + height > clientHeight && above > 0 ? above : below
  const origin = (box.offsetParent ?? document.documentElement).getBoundingClientRect()
  return { left: `${left - origin.left}px`, top: `${top - origin.top}px` }
}
