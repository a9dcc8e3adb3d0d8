/**
 * The commands and their options. What a command needs is loaded when it is called, so that
 * `--help` and a wrong option answer at once.
 */

import { Command } from 'commander'
import type { Environment } from '../network/Environment.ts'
import { address, port, setting } from './arguments.ts'
import { addConsumeOptions, type ConsumeFlags } from './console/consumeOptions.ts'
import { addProduceOptions, type ProduceFlags } from './console/produceOptions.ts'
import { addGroupsOptions, type GroupsFlags } from './groups/groupsOptions.ts'
import type { Terminal } from './Terminal.ts'
import { addTopicsOptions, type TopicsFlags } from './topics/topicsOptions.ts'
import { UsageError } from './UsageError.ts'

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

/**
 * @param environment clock, chance, network, log and trace of the clients; default: the machine's
 */
export const createProgram = (
  terminal: Terminal,
  environment: Partial<Environment> = {},
): Command => {
  const program = new Command('annotated-kafka').description(
    'An Apache Kafka client and embedded cluster, rebuilt class by class and explained.',
  )
  addJourney(program, terminal, environment)
  addBroker(program, terminal)
  addTopics(program, terminal, environment)
  addProduce(program, terminal, environment)
  addConsume(program, terminal, environment)
  addGroups(program, terminal, environment)
  return program
}

/** Arguments that cannot be: says why, and shows the help. */
const withUsage = async (
  command: Command,
  { writeError, setExitCode }: Terminal,
  run: () => Promise<void>,
): Promise<void> => {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    writeError(`${error.message}\n${command.helpInformation()}`)
    setExitCode(1)
  }
}

const addJourney = (
  program: Command,
  terminal: Terminal,
  environment: Partial<Environment>,
): void => {
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
      const lines = text.length > 0 ? [text.join(' ')] : terminal.readLines(options.file)
      if (text.length === 0 && options.file === undefined && terminal.inputIsTerminal()) {
        terminal.writeError('Type a line to send it; Ctrl-D ends.\n')
      }
      const columns = terminal.outputColumns()
      const told = until(terminal.outputClosed(), lines)
      await journey(told, { ...options, columns }, terminal.write, environment)
    })
}

/** The lines that come before `ended` has resolved. */
async function* until(
  ended: Promise<void>,
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<string> {
  let over = false
  void ended.then(() => {
    over = true
  })
  for await (const line of lines) {
    if (over) return
    yield line
  }
}

const addBroker = (program: Command, terminal: Terminal): void => {
  program
    .command('broker')
    .description('run the embedded broker until Ctrl-C')
    .option('--host <name>', 'the address to listen on', '127.0.0.1')
    .option('--port <number>', '0 takes a free one', port, 9092)
    .option('--dir <path>', 'keep the log there; default: in memory')
    .option('--config <key=value>', "one of Kafka's broker settings; may be repeated", setting, {})
    .action(async (options: BrokerFlags) => {
      const { runBroker } = await import('./brokerCommand.ts')
      await runBroker(options, terminal.interrupted(), terminal.write)
    })
}

const addTopics = (
  program: Command,
  terminal: Terminal,
  environment: Partial<Environment>,
): void => {
  const command = addTopicsOptions(program.command('topics')).description(
    "look after topics, with the options of Kafka's own tool",
  )
  command.action(async (action: string | undefined, flags: TopicsFlags) => {
    const { runTopics } = await import('./topics/topicsCommand.ts')
    await withUsage(command, terminal, () => runTopics(action, flags, terminal, environment))
  })
}

const addProduce = (
  program: Command,
  terminal: Terminal,
  environment: Partial<Environment>,
): void => {
  const command = addProduceOptions(program.command('produce')).description(
    'send each line of standard input as a record',
  )
  command.action(async (flags: ProduceFlags) => {
    const { runProduce } = await import('./console/produceCommand.ts')
    await runProduce(flags, terminal, environment)
  })
}

const addConsume = (
  program: Command,
  terminal: Terminal,
  environment: Partial<Environment>,
): void => {
  const command = addConsumeOptions(program.command('consume')).description(
    'print records as they come, until Ctrl-C',
  )
  command.action(async (flags: ConsumeFlags) => {
    const { runConsume } = await import('./console/consumeCommand.ts')
    await withUsage(command, terminal, () => runConsume(flags, terminal, environment))
  })
}

const addGroups = (
  program: Command,
  terminal: Terminal,
  environment: Partial<Environment>,
): void => {
  const command = addGroupsOptions(program.command('groups')).description(
    "look after groups of consumers, with the options of Kafka's own tool",
  )
  command.action(async (action: string | undefined, flags: GroupsFlags) => {
    const { runGroups } = await import('./groups/groupsCommand.ts')
    await withUsage(command, terminal, () => runGroups(action, flags, terminal, environment))
  })
}
