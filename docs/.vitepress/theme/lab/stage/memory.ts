/**
 * What the stage remembers between two scenes: which answers have arrived. The scene drops a
 * packet when it is delivered, and the client reads the answer a moment later.
 *
 * I1  Going back forgets everything.
 */

import type { Scene } from '../../../../../lab/scene/Scene.ts'
import { readKey } from './recordTokens.ts'
import { type Memory, NO_MEMORY } from './staged.ts'

/** @param before the index of the scene that was shown before */
export const remember = (memory: Memory, scene: Scene, before: number): Memory => {
  const known = scene.index < before ? NO_MEMORY : memory
  const arrived = new Set<string>()
  const brought = new Map(known.brought)
  const onTheWay = new Set(Object.values(scene.packets).map(({ request }) => request))
  for (const request of Object.values(scene.requests)) {
    if (request.place !== 'back') continue
    // Seen on its way, or arrived earlier; one that was never seen has not left yet.
    if (onTheWay.has(request.id) || known.arrived.has(request.id)) arrived.add(request.id)
    for (const { partition, from, to } of request.carries) {
      for (let offset = from; offset < to; offset++) {
        brought.set(readKey(partition, offset), scene.index)
      }
    }
  }
  return { arrived, brought }
}
