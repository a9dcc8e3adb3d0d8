/**
 * Logging, through one small interface that a program may implement with its own library.
 *
 * @kafka org.apache.kafka.common.utils.LogContext
 */

import { writeLogLine } from '#platform'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface Logger {
  /** Ask before building a costly message. */
  isEnabled(level: LogLevel): boolean
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string, cause?: unknown): void
  /** The same logger, each message after `prefix`, as in `[Producer clientId=p-1] `. */
  withPrefix(prefix: string): Logger
}

/** Writes lines `LEVEL prefix message` to standard error (in a page: to the console). */
export class ConsoleLogger implements Logger {
  private readonly level: LogLevel
  private readonly prefix: string

  /** @param level the lowest level that is written; default `warn` */
  constructor(level: LogLevel = 'warn', prefix = '') {
    this.level = level
    this.prefix = prefix
  }

  isEnabled(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.level)
  }

  debug(message: string): void {
    this.write('debug', message)
  }

  info(message: string): void {
    this.write('info', message)
  }

  warn(message: string): void {
    this.write('warn', message)
  }

  error(message: string, cause?: unknown): void {
    this.write('error', cause === undefined ? message : `${message}: ${describe(cause)}`)
  }

  withPrefix(prefix: string): Logger {
    return new ConsoleLogger(this.level, this.prefix + prefix)
  }

  private write(level: LogLevel, message: string): void {
    if (this.isEnabled(level)) {
      writeLogLine(`${level.toUpperCase().padEnd(5)} ${this.prefix}${message}`)
    }
  }
}

const describe = (cause: unknown): string =>
  cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
