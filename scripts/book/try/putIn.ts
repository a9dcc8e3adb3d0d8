/**
 * Puts what an exercise file exports in the place of the real thing; runs beside the tests.
 *
 * I1  A file that does not export what it should is an error that says what it should.
 */

import type { Slot } from './slots.ts'

interface Wanted {
  readonly file: string
  readonly module: string | null
  /** `shouldBackoff` or `NodeDrain.drainBatchesForOneNode`. */
  readonly symbol: string
}

type Methods = Record<string, unknown>
type Class = Methods & { readonly prototype: Methods }

export const putIn = (slot: Slot, theirs: Readonly<Methods>, wanted: Wanted): void => {
  const [name = '', method] = wanted.symbol.split('.')
  if (method === undefined) {
    if (theirs[name] === undefined) {
      throw new Error(`${wanted.file} must export '${name}', as ${wanted.module} does`)
    }
    slot.set(theirs[name])
    return
  }
  const target = slot.get() as Class
  const owner = Object.hasOwn(target.prototype, method) ? target.prototype : target
  owner[method] = methodIn(theirs, method, owner === target, wanted)
}

const methodIn = (
  theirs: Readonly<Methods>,
  method: string,
  isStatic: boolean,
  { file, symbol }: Wanted,
): unknown => {
  if (typeof theirs[method] === 'function') return theirs[method]
  for (const value of Object.values(theirs)) {
    if (typeof value !== 'function' || value.prototype === undefined) continue
    const owner = (isStatic ? value : value.prototype) as Methods
    if (Object.hasOwn(owner, method)) return owner[method]
  }
  const [name] = symbol.split('.')
  throw new Error(
    `${file} must export a class that extends ${name} and has the method '${method}', ` +
      `or a function '${method}'`,
  )
}
