/**
 * The options of `consume`: those of Kafka's own `kafka-console-consumer.sh`.
 *
 * @kafka org.apache.kafka.tools.consumer.ConsoleConsumerOptions
 */

import type { Command } from 'commander'
import { atLeast, settings } from '../arguments.ts'

export interface ConsumeFlags {
  readonly bootstrapServer: string
  readonly topic?: string
  /** A regular expression. */
  readonly include?: string
  readonly partition?: number
  readonly offset?: string
  readonly fromBeginning?: true
  readonly maxMessages?: number
  /** Milliseconds. */
  readonly timeoutMs?: number
  readonly group?: string
  readonly isolationLevel: string
  readonly formatterProperty: Readonly<Record<string, string>>
  readonly commandProperty: Readonly<Record<string, string>>
  readonly commandConfig?: string
}

/** Declares the options at the command. */
export const addConsumeOptions = (command: Command): Command =>
  command
    .requiredOption('--bootstrap-server <host:port>', 'the Kafka to connect to')
    .option('--topic <name>', 'the topic to read')
    .option('--include <regex>', 'the topics to read, instead of --topic')
    .option('--partition <number>', 'only this one, from its end unless --offset says', atLeast(0))
    .option('--offset <offset>', 'of --partition: a number, earliest or latest')
    .option('--from-beginning', 'where there is no committed offset, from the first record')
    .option('--max-messages <n>', 'end after so many', atLeast(0))
    .option('--timeout-ms <ms>', 'end when no record has come for so long', atLeast(0))
    .option('--group <id>', 'the group to read in; default: one of its own')
    .option('--isolation-level <level>', 'read_committed or read_uncommitted', 'read_uncommitted')
    .addOption(
      settings(
        '--formatter-property <name=value>',
        'what is printed: print.timestamp, print.key, print.offset, print.epoch, ' +
          'print.partition, print.headers, print.value, key.separator, line.separator, ' +
          'headers.separator, null.literal',
      ),
    )
    .addOption(settings('--command-property <name=value>', 'a setting of the consumer'))
    .option('--command-config <file>', 'a file of settings for the consumer')
