/** How arguments of the command line are read. */

import { InvalidArgumentError, Option } from 'commander'

export const port = (text: string): number => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535) {
    throw new InvalidArgumentError('A port is a number from 0 (any free one) to 65535.')
  }
  return value
}

export const setting = (text: string, before: Record<string, string>): Record<string, string> => {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('A setting is key=value, as in num.partitions=3.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

export const address = (text: string): string => {
  if (!/^[^\s:]+:\d+(,[^\s:]+:\d+)*$|^\[[0-9a-fA-F:]+\]:\d+$/.test(text)) {
    throw new InvalidArgumentError('A broker is host:port, several are separated by commas.')
  }
  return text
}

/** An option that may be repeated: a list of its values. */
export const several = (flags: string, description: string): Option =>
  new Option(flags, `${description}; may be repeated`)
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], 'none')

/** An option that may be repeated: one `key=value` each. */
export const settings = (flags: string, description: string): Option =>
  new Option(flags, `${description}; may be repeated`).argParser(setting).default({}, 'none')

export const whole = (text: string): number => {
  const value = Number(text)
  if (/^[-+]?\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new InvalidArgumentError('Write a whole number.')
}

export const atLeast =
  (least: number) =>
  (text: string): number => {
    const value = whole(text)
    if (value >= least) return value
    throw new InvalidArgumentError(`Write a whole number from ${least} on.`)
  }
