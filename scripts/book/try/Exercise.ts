/**
 * What a file of exercises says about itself, and what stands in a body that is to be written.
 *
 * An exercise takes one function, class or method out of `src/` and asks the reader to write it.
 * While the chapter's tests run, what the exercise file exports stands in for the real one, for
 * every caller, also inside the module itself. Nothing is copied: the rest is the real code.
 *
 * **How to write one.** `chapters/NN-…/exercises/01-when-to-wait.ts`; `answers/01-when-to-wait.ts`
 * has the same shape. The number in front is the exercise's number. Both are type-checked and
 * linted as they are.
 *
 * 1. A head comment: the task in two or three sentences, what is given, what to return. No hints:
 *    they stand in the chapter's `index.md`, three of them.
 * 2. `export const exercise = defineExercise({ title, replaces, tests })`. It is read without
 *    running the file, so that a half-written body cannot hide it: plain strings and regular
 *    expressions only.
 * 3. What stands in, in one of these forms:
 *
 *        replaces '…/ReadyCheck.ts#shouldBackoff'    an exported function, constant or class
 *            export const shouldBackoff = (batch: ProducerBatch, waitedMs: number): boolean =>
 *              notWrittenYet(batch, waitedMs)
 *
 *        replaces '…/NodeDrain.ts#NodeDrain.drainBatchesForOneNode'    a method, static or not
 *            export class MyNodeDrain extends NodeDrain {
 *              override drainBatchesForOneNode(…): ProducerBatch[] {
 *                return notWrittenYet(…)
 *              }
 *            }
 *
 *        the same for a private method, or where the class keeps `private` what the body needs
 *            export function freeUp(this: BufferPool, sizeBytes: number): void {
 *              // `this['free']` has its type, also where `this.free` is private.
 *              return notWrittenYet(this, sizeBytes)
 *            }
 *
 *    Of the class only that one method is taken: put helpers beside it, as functions. `super` is
 *    the real class, whose method of that name is yours now, so do not call it.
 * 4. `tests`: regular expressions over the names of the chapter's tests (`describe > test`, as
 *    Vitest joins them). Name those that speak about this body. Each must match a test; as shipped
 *    at least one fails, and it must be `notWrittenYet` or an assertion that fails; with the answer
 *    all pass.
 *
 * A file may import from `src/`, also from the module in which it replaces something: there it gets
 * the real one. A name that is exported stays reachable for the reader's debugger: the file runs
 * line by line as it is written, and a breakpoint in it stops.
 */

export interface Exercise {
  /** What is to be written, as a heading: `When does a failed batch wait?` */
  readonly title: string
  /** `src/producer/internals/ReadyCheck.ts#shouldBackoff`, or `…#Class.method`. */
  readonly replaces: `src/${string}.ts#${string}`
  /** Which of the chapter's tests check it. */
  readonly tests: readonly RegExp[]
}

/** Says what the exercise in this file is about. */
export const defineExercise = (exercise: Exercise): Exercise => exercise

/** A body that waits for its reader. */
export class NotWrittenYet extends Error {
  override readonly name = 'NotWrittenYet'
}

/** Under this name a test run finds out that a missing body was called, also if nobody told. */
export const NOT_WRITTEN = Symbol.for('annotated-kafka.notWrittenYet')

/**
 * Stands where the body is to be written.
 *
 * @param given what the body has to work with; named so that the compiler sees it used
 */
export const notWrittenYet = (...given: readonly unknown[]): never => {
  Object.assign(globalThis, { [NOT_WRITTEN]: true })
  throw new NotWrittenYet(
    `This body is yours to write${given.length > 0 ? ', from what it is given' : ''}`,
  )
}
