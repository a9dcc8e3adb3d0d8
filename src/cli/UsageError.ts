/** The arguments of a command cannot be; said with the command's help, and exit code 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
