/**
 * `annotated-kafka consume`: prints records as they come, as Kafka's own
 * `kafka-console-consumer.sh` does it, until Ctrl-C, `--max-messages` or `--timeout-ms`, or until
 * nobody reads what it prints, as behind `| head`.
 *
 * Without `--group` it has a group of its own with a drawn name, and commits nothing.
 *
 * @kafka org.apache.kafka.tools.consumer.ConsoleConsumer
 * @simplified no formatters but the default one, and no deserializers to be named.
 */

import { WakeupException } from '../../common/errors.ts'
import type { Random } from '../../common/Random.ts'
import { ByteArrayDeserializer } from '../../common/serialization/ByteArrayDeserializer.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { ConsumerConfigInput } from '../../consumer/ConsumerConfig.ts'
import type { ConsumerRecord } from '../../consumer/ConsumerRecord.ts'
import { KafkaConsumer } from '../../consumer/KafkaConsumer.ts'
import { type Environment, systemEnvironment } from '../../network/Environment.ts'
import { parseProperties } from '../properties.ts'
import type { Terminal } from '../Terminal.ts'
import { UsageError } from '../UsageError.ts'
import type { ConsumeFlags } from './consumeOptions.ts'
import { DefaultMessageFormatter } from './DefaultMessageFormatter.ts'

type Streams = Pick<
  Terminal,
  'writeBytes' | 'writeError' | 'readFile' | 'interrupted' | 'outputClosed'
>
type Bytes = Uint8Array

/** The longest wait in one `poll`. */
const MAX_POLL_MS = 2 ** 31 - 1

/** @throws UsageError for arguments that cannot be */
export const runConsume = async (
  flags: ConsumeFlags,
  terminal: Streams,
  environment: Partial<Environment> = {},
): Promise<void> => {
  checkArgs(flags)
  const seams = systemEnvironment(environment)
  const config = await configOf(flags, terminal, seams.random)
  const consumer = new KafkaConsumer<Bytes, Bytes>(config, seams)
  void terminal.interrupted().then(() => consumer.wakeup())
  void terminal.outputClosed().then(() => {
    terminal.writeError('Unable to write to standard out, closing consumer.\n')
    consumer.wakeup()
  })
  const formatter = new DefaultMessageFormatter(flags.formatterProperty)
  let count = 0
  try {
    await startReading(consumer, flags)
    const { maxMessages = Number.POSITIVE_INFINITY, timeoutMs = MAX_POLL_MS } = flags
    // One wait is for one record, however many polls it takes: a poll comes back empty early when
    // only the position has moved, past the end of a transaction or records of an aborted one.
    const wait = seams.time.timer(timeoutMs)
    while (count < maxMessages) {
      const records = [...(await consumer.poll(wait.remainingMs()))]
      wait.update()
      if (records.length > 0 || flags.timeoutMs === undefined) wait.reset(timeoutMs)
      else if (wait.isExpired()) break
      const shown = records.slice(0, maxMessages - count)
      for (const record of shown) formatter.writeTo(record, terminal.writeBytes)
      count += shown.length
      goBackTo(consumer, records.slice(shown.length))
    }
  } catch (error) {
    if (!(error instanceof WakeupException)) throw error
  } finally {
    await consumer.close()
    terminal.writeError(`Processed a total of ${count} messages\n`)
  }
}

/** What was fetched and not shown is not to be committed. */
const goBackTo = (
  consumer: KafkaConsumer<Bytes, Bytes>,
  unread: readonly ConsumerRecord<Bytes, Bytes>[],
): void => {
  const first = new TopicPartitionMap<number>()
  for (const { topic, partition, offset } of unread) {
    const at = new TopicPartition(topic, partition)
    if (!first.has(at)) first.set(at, offset)
  }
  for (const [partition, offset] of first) consumer.seek(partition, offset)
}

const startReading = async (
  consumer: KafkaConsumer<Bytes, Bytes>,
  { topic, include, partition, offset, fromBeginning }: ConsumeFlags,
): Promise<void> => {
  if (topic === undefined) return consumer.subscribe(new RegExp(`^(?:${include!})$`))
  if (partition === undefined) {
    await consumer.subscribe([topic])
    return
  }
  const at = new TopicPartition(topic, partition)
  await consumer.assign([at])
  const where = offset?.toLowerCase() ?? (fromBeginning ? 'earliest' : 'latest')
  if (where === 'earliest') consumer.seekToBeginning([at])
  else if (where === 'latest') consumer.seekToEnd([at])
  else consumer.seek(at, Number(where))
}

const checkArgs = ({ topic, include, partition, offset, fromBeginning }: ConsumeFlags): void => {
  if ((topic === undefined) === (include === undefined)) {
    throw new UsageError('Exactly one of the following arguments is required: [topic], [include]')
  }
  if (partition === undefined && offset !== undefined) {
    throw new UsageError('The partition is required when offset is specified.')
  }
  if (partition !== undefined && topic === undefined) {
    throw new UsageError('The topic is required when partition is specified.')
  }
  if (fromBeginning && offset !== undefined) {
    throw new UsageError('Options from-beginning and offset cannot be specified together.')
  }
  if (offset !== undefined && !/^(\d+|earliest|latest)$/i.test(offset)) {
    throw new UsageError(
      `The provided offset value '${offset}' is incorrect. Valid values are 'earliest', ` +
        "'latest', or a non-negative long.",
    )
  }
}

const configOf = async (
  flags: ConsumeFlags,
  { readFile }: Pick<Terminal, 'readFile'>,
  random: Random,
): Promise<ConsumerConfigInput<Bytes, Bytes>> => {
  const { commandConfig, fromBeginning, group } = flags
  const file = commandConfig === undefined ? {} : parseProperties(await readFile(commandConfig))
  const given: Record<string, unknown> = { ...file, ...flags.commandProperty }
  const reset = given['auto.offset.reset']
  if (fromBeginning && reset !== undefined && reset !== 'earliest') {
    throw new UsageError(
      `Can't simultaneously specify --from-beginning and 'auto.offset.reset=${reset}', ` +
        'please remove one option',
    )
  }
  const groupId = group ?? given['group.id']
  return {
    'auto.offset.reset': fromBeginning ? 'earliest' : 'latest',
    'client.id': 'console-consumer',
    // A group that nobody will ask for again need not be remembered.
    ...(groupId === undefined && { 'enable.auto.commit': false }),
    ...given,
    'group.id': groupId ?? `console-consumer-${random.nextInt(100_000)}`,
    'isolation.level': flags.isolationLevel,
    'bootstrap.servers': flags.bootstrapServer,
    'key.deserializer': ByteArrayDeserializer,
    'value.deserializer': ByteArrayDeserializer,
  } as ConsumerConfigInput<Bytes, Bytes>
}
