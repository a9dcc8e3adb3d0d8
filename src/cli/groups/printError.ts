/** How `groups` tells of what went wrong: on standard output, as Kafka's own tool does. */
export const printError = (write: (text: string) => void, message: string): void =>
  write(`\nError: ${message}\n`)
