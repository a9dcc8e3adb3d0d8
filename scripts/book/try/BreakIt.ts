/**
 * What a chapter's `break-it.ts` exports: named ways to break the real code, each of which one of
 * the chapter's tests must notice.
 *
 *     import type { BreakIt } from '../../scripts/book/try/BreakIt.ts'
 *
 *     export const breakIts: readonly BreakIt[] = [
 *       {
 *         name: 'linger-ignored',
 *         file: 'src/producer/internals/ReadyCheck.ts',
 *         find: 'waitedMs >= timeToWaitMs',
 *         replace: 'true',
 *         breaks: 'A batch may go at once, however little is in it.',
 *         learn: 'Without a wait every record travels in a request of its own.',
 *       },
 *     ]
 *
 * The list is read without running the file: plain strings only. Write several lines as a template
 * in backquotes, with the indentation of the source. The change happens while the one module is
 * loaded; no file is touched, and line numbers stay when `replace` has as many lines as `find`.
 *
 * I1  `find` stands exactly once in the file.
 * I2  A name is unique in its chapter.
 */

export interface BreakIt {
  /** In lower case with hyphens, as it is typed: `linger-ignored`. */
  readonly name: string
  /** From the root: `src/producer/internals/ReadyCheck.ts`. */
  readonly file: `src/${string}.ts`
  /** Text of the file, exactly, that occurs once. */
  readonly find: string
  readonly replace: string
  /** What the change does, in one sentence. */
  readonly breaks: string
  /** What the test that notices shows, in one sentence. */
  readonly learn: string
}
