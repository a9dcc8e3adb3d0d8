#!/usr/bin/env node
/**
 * The `annotated-kafka` command. What a subcommand needs is loaded when it is called, so that
 * `--help` and a wrong option answer at once.
 */

import { Command, InvalidArgumentError } from 'commander'
import {
  inputIsTerminal,
  interrupted,
  outputColumns,
  programArguments,
  readLines,
  setExitCode,
  write,
  writeError,
} from '../platform/node/terminal.ts'

const port = (text: string): number => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > 65_535) {
    throw new InvalidArgumentError('A port is a number from 0 (any free one) to 65535.')
  }
  return value
}

const setting = (text: string, before: Record<string, string>): Record<string, string> => {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('A setting is key=value, as in num.partitions=3.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

const address = (text: string): string => {
  if (!/^[^\s:]+:\d+(,[^\s:]+:\d+)*$|^\[[0-9a-fA-F:]+\]:\d+$/.test(text)) {
    throw new InvalidArgumentError('A broker is host:port, several are separated by commas.')
  }
  return text
}

const program = new Command('annotated-kafka').description(
  'An Apache Kafka client and embedded cluster, rebuilt class by class and explained.',
)

program
  .command('journey')
  .description('send each text as a record, consume it back, and print the way it went')
  .argument('[text...]', 'what to send; default: the lines of standard input')
  .option('--file <path>', 'send the lines of a file')
  .option('--bootstrap <host:port>', 'a Kafka to use instead of an embedded broker', address)
  .option('--topic <name>', 'created when it is not there', 'annotated-kafka-journey')
  .option('--json', 'one object per station, one per line', false)
  .action(async (text: string[], options: JourneyFlags) => {
    const { journey } = await import('./journey/journey.ts')
    const lines = text.length > 0 ? [text.join(' ')] : readLines(options.file)
    if (text.length === 0 && options.file === undefined && inputIsTerminal()) {
      writeError('Type a line to send it; Ctrl-D ends.\n')
    }
    await journey(lines, { ...options, columns: outputColumns() }, write)
  })

interface JourneyFlags {
  readonly file?: string
  readonly bootstrap?: string
  readonly topic: string
  readonly json: boolean
}

interface BrokerFlags {
  readonly host: string
  readonly port: number
  readonly dir?: string
  readonly config: Record<string, string>
}

program
  .command('broker')
  .description('run the embedded broker until Ctrl-C')
  .option('--host <name>', 'the address to listen on', '127.0.0.1')
  .option('--port <number>', '0 takes a free one', port, 9092)
  .option('--dir <path>', 'keep the log there; default: in memory')
  .option('--config <key=value>', "one of Kafka's broker settings; may be repeated", setting, {})
  .action(async (options: BrokerFlags) => {
    const { runBroker } = await import('./brokerCommand.ts')
    await runBroker(options, interrupted(), write)
  })

try {
  await program.parseAsync(programArguments())
} catch (error) {
  writeError(`${error instanceof Error ? error.message : String(error)}\n`)
  setExitCode(1)
}
