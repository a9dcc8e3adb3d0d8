/**
 * Closes several things although one of them fails: the first error is thrown when all are closed.
 *
 * @kafka org.apache.kafka.common.utils.Utils
 */
export const closeAll = (closers: readonly (() => void)[]): void => {
  let first: { error: unknown } | undefined
  for (const close of closers) {
    try {
      close()
    } catch (error) {
      first ??= { error }
    }
  }
  if (first !== undefined) throw first.error
}
