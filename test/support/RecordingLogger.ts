/**
 * A logger that keeps what was said, for tests that check it. Loggers made by `withPrefix` write
 * into the same list.
 */

import type { Logger, LogLevel } from '../../src/common/Logger.ts'

export interface LogEntry {
  readonly level: Exclude<LogLevel, 'silent'>
  /** Prefix and message. */
  readonly message: string
  readonly cause?: unknown
}

export class RecordingLogger implements Logger {
  readonly entries: LogEntry[]
  private readonly prefix: string

  constructor(entries: LogEntry[] = [], prefix = '') {
    this.entries = entries
    this.prefix = prefix
  }

  /** The messages of one level, or of all. */
  messages(level?: LogLevel): string[] {
    return this.entries
      .filter((entry) => level === undefined || entry.level === level)
      .map((entry) => entry.message)
  }

  isEnabled(_level: LogLevel): boolean {
    return true
  }

  debug(message: string): void {
    this.add('debug', message)
  }

  info(message: string): void {
    this.add('info', message)
  }

  warn(message: string): void {
    this.add('warn', message)
  }

  error(message: string, cause?: unknown): void {
    this.add('error', message, cause)
  }

  withPrefix(prefix: string): RecordingLogger {
    return new RecordingLogger(this.entries, this.prefix + prefix)
  }

  private add(level: LogEntry['level'], message: string, cause?: unknown): void {
    this.entries.push({ level, message: this.prefix + message, cause })
  }
}
