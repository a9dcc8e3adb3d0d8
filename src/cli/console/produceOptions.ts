/**
 * The options of `produce`: those of Kafka's own `kafka-console-producer.sh`.
 *
 * @kafka org.apache.kafka.tools.ConsoleProducer.ConsoleProducerOptions
 */

import type { Command } from 'commander'
import { settings } from '../arguments.ts'

export interface ProduceFlags {
  readonly bootstrapServer: string
  readonly topic: string
  readonly sync?: true
  /** `true`: gzip. */
  readonly compressionCodec?: string | true
  readonly requestRequiredAcks?: string
  readonly readerProperty: Readonly<Record<string, string>>
  readonly commandProperty: Readonly<Record<string, string>>
  readonly commandConfig?: string
}

/** Declares the options at the command. */
export const addProduceOptions = (command: Command): Command =>
  command
    .requiredOption('--bootstrap-server <host:port>', 'the Kafka to connect to')
    .requiredOption('--topic <name>', 'where the records go')
    .option('--sync', 'wait for each record before the next line is read')
    .option('--compression-codec [codec]', 'none, gzip (when none is named), snappy, lz4, zstd')
    .option('--request-required-acks <acks>', '-1 or all, 1, or 0')
    .addOption(
      settings(
        '--reader-property <name=value>',
        'how a line is read: parse.key, key.separator, parse.headers, headers.delimiter, ' +
          'headers.separator, headers.key.separator, null.marker, ignore.error',
      ),
    )
    .addOption(settings('--command-property <name=value>', 'a setting of the producer'))
    .option('--command-config <file>', 'a file of settings for the producer')
