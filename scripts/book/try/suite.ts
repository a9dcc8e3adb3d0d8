/**
 * The program that runs a chapter's tests for several variants: what Vitest gets to see in the
 * place of the chapter's page.
 *
 *     trial('06-real', …, [() => import('/…/accumulator.test.ts?stand-in=06-real.ts'), …])
 *     trial('06-break-linger-ignored', …
 */

import { resolve } from 'node:path'
import type { Variant } from './Variant.ts'

const TRIAL = JSON.stringify(resolve(import.meta.dirname, 'trial.ts'))

export const suiteOf = (variants: readonly Variant[], testFiles: readonly string[]): string => {
  const trials = variants.map(({ id, tests, timeoutMs }) => {
    const loads = testFiles.map(
      (file) => `() => import(${JSON.stringify(`${file}?stand-in=${id}.ts`)})`,
    )
    return `trial('${id}', [${tests.join(', ')}], ${timeoutMs}, [\n  ${loads.join(',\n  ')}\n])`
  })
  return [`import { trial } from ${TRIAL}`, ...trials].join('\n')
}
