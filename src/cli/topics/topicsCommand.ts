/**
 * `annotated-kafka topics`: lists, describes, creates and deletes topics, as Kafka's own
 * `kafka-topics.sh` does it: same options, same output, exit code 1 when it does not work.
 *
 *     Topic: orders	TopicId: …	PartitionCount: 1	ReplicationFactor: 1	Configs:
 *     	Topic: orders	Partition: 0	Leader: 1	Replicas: 1	Isr: 1	Elr:	LastKnownElr:
 *
 * @kafka org.apache.kafka.tools.TopicCommand
 * @simplified without `--alter` and reassignments, which the admin client does not have yet, and
 *   without `--topic-id`.
 */

import type { AdminConfigInput } from '../../admin/AdminClientConfig.ts'
import type { Config } from '../../admin/Config.ts'
import { KafkaAdminClient } from '../../admin/KafkaAdminClient.ts'
import type { NewTopic } from '../../admin/NewTopic.ts'
import type { TopicDescription, TopicPartitionInfo } from '../../admin/TopicDescription.ts'
import { TopicExistsException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import { Uuid } from '../../common/Uuid.ts'
import { type Environment, systemEnvironment } from '../../network/Environment.ts'
import { parseProperties } from '../properties.ts'
import type { Terminal } from '../Terminal.ts'
import { checkTopicsArgs, type TopicsAction, type TopicsFlags } from './topicsOptions.ts'

type Streams = Pick<Terminal, 'write' | 'readFile' | 'setExitCode'>

interface TopicsContext extends Streams {
  readonly admin: KafkaAdminClient
  readonly flags: TopicsFlags
}

/**
 * @param word the action, when it is said as a word
 * @throws UsageError for arguments that cannot be
 */
export const runTopics = async (
  word: string | undefined,
  flags: TopicsFlags,
  streams: Streams,
  environment: Partial<Environment> = {},
): Promise<void> => {
  const action = checkTopicsArgs(word, flags)
  const { commandConfig, bootstrapServer } = flags
  const settings =
    commandConfig === undefined ? {} : parseProperties(await streams.readFile(commandConfig))
  const config = { ...settings, 'bootstrap.servers': bootstrapServer! } as AdminConfigInput
  const admin = new KafkaAdminClient(config, systemEnvironment(environment))
  try {
    await ACTS[action]({ ...streams, admin, flags })
  } catch (error) {
    streams.write(`Error while executing topic command : ${(error as Error).message}\n`)
    streams.setExitCode(1)
  } finally {
    await admin.close()
  }
}

const createTopic = async ({ admin, flags, write }: TopicsContext): Promise<void> => {
  const name = flags.topic!
  if (/[._]/.test(name)) {
    write(
      "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore " +
        "('_') could collide. To avoid issues it is best to use either, but not both.\n",
    )
  }
  const { partitions, replicationFactor, replicaAssignment } = flags
  const topic: NewTopic = {
    name,
    ...(partitions !== undefined && { numPartitions: partitions }),
    ...(replicationFactor !== undefined && { replicationFactor }),
    ...(replicaAssignment && { replicasAssignments: parseReplicaAssignment(replicaAssignment) }),
    configs: flags.config,
  }
  try {
    await admin.createTopics([topic], { retryOnQuotaViolation: false }).all()
    write(`Created topic ${name}.\n`)
  } catch (error) {
    if (!(error instanceof TopicExistsException && flags.ifNotExists)) throw error
  }
}

/** `1:2,2:3` has two partitions, each with two brokers. */
const parseReplicaAssignment = (text: string): Record<number, number[]> =>
  Object.fromEntries(
    text.split(',').map((brokers, i) => {
      const ids = brokers.split(':').map((id) => id.trim())
      if (ids.every((id) => /^\d+$/.test(id))) return [i, ids.map(Number)]
      throw new IllegalArgumentException(`'${brokers}' are no ids of brokers, as in 1:2`)
    }),
  )

const listTopics = async (context: TopicsContext): Promise<void> =>
  context.write(`${(await getTopics(context)).join('\n')}\n`)

const deleteTopics = async (context: TopicsContext): Promise<void> => {
  const topics = await getTopics(context)
  ensureTopicExists(context, topics)
  await context.admin.deleteTopics(topics, { retryOnQuotaViolation: false }).all()
}

/** Those that match `--topic`, a regular expression; a comma stands for "or". */
const getTopics = async ({ admin, flags }: TopicsContext): Promise<string[]> => {
  const names = await admin.listTopics({ listInternal: !flags.excludeInternal }).names()
  const sorted = [...names].sort()
  if (flags.topic === undefined) return sorted
  const pattern = flags.topic
    .trim()
    .replaceAll(',', '|')
    .replaceAll(/["'\s]/g, '')
  const include = new RegExp(`^(?:${pattern})$`)
  return sorted.filter((name) => include.test(name))
}

const ensureTopicExists = ({ flags }: TopicsContext, topics: readonly string[]): void => {
  if (!flags.topic || flags.ifExists || topics.length > 0) return
  throw new IllegalArgumentException(`Topic '${flags.topic}' does not exist as expected`)
}

const describeTopics = async (context: TopicsContext): Promise<void> => {
  const { admin, flags, write } = context
  const topics = await getTopics(context)
  ensureTopicExists(context, topics)
  if (topics.length === 0) return
  const described = await admin.describeTopics(topics).all()
  const resources = topics.map((name) => ({ type: 'TOPIC' as const, name }))
  const configs = await admin.describeConfigs(resources).all()
  const live = new Set((await admin.describeCluster().description()).nodes.map(({ id }) => id))
  for (const resource of resources) {
    const topic = described.get(resource.name)!
    const config = configs.get(resource)!
    const reports = reportsOf(flags)
    if (reports.length === 0) printTopic(write, topic, config, flags)
    if (flags.topicsWithOverrides) continue
    const minIsr = Number(config.get('min.insync.replicas')?.value ?? 1)
    for (const partition of topic.partitions) {
      const shown = reports.some((report) => report({ partition, minIsr, live }))
      if (reports.length === 0 || shown) printPartition(write, topic.name, partition)
    }
  }
}

interface Reported {
  readonly partition: TopicPartitionInfo
  readonly minIsr: number
  readonly live: ReadonlySet<number>
}

/** Which partitions are asked for; none: all. */
const reportsOf = (flags: TopicsFlags): ((reported: Reported) => boolean)[] => [
  ...(flags.underReplicatedPartitions
    ? [({ partition: { replicas, isr } }: Reported) => replicas.length > isr.length]
    : []),
  ...(flags.unavailablePartitions
    ? [({ partition: { leader }, live }: Reported) => leader === null || !live.has(leader.id)]
    : []),
  ...(flags.underMinIsrPartitions
    ? [({ partition: { leader, isr }, minIsr }: Reported) => !leader || isr.length < minIsr]
    : []),
  ...(flags.atMinIsrPartitions
    ? [({ partition: { isr }, minIsr }: Reported) => isr.length === minIsr]
    : []),
]

const printTopic = (
  write: (text: string) => void,
  topic: TopicDescription,
  config: Config,
  flags: TopicsFlags,
): void => {
  const overridden = config.entries().filter(({ source }) => source !== 'DEFAULT_CONFIG')
  if (flags.topicsWithOverrides && overridden.length === 0) return
  const columns = [
    `Topic: ${topic.name}`,
    ...(topic.topicId.equals(Uuid.ZERO_UUID) ? [] : [`TopicId: ${topic.topicId}`]),
    `PartitionCount: ${topic.partitions.length}`,
    `ReplicationFactor: ${topic.partitions[0]?.replicas.length ?? 0}`,
    `Configs: ${overridden.map(({ name, value }) => `${name}=${value}`).join(',')}`,
  ]
  write(`${columns.join('\t')}\n`)
}

const printPartition = (
  write: (text: string) => void,
  topic: string,
  info: TopicPartitionInfo,
): void => {
  const ids = (nodes: TopicPartitionInfo['elr']) =>
    nodes === null ? 'N/A' : nodes.map(({ id }) => id).join(',')
  const columns = [
    `Topic: ${topic}`,
    `Partition: ${info.partition}`,
    `Leader: ${info.leader?.id ?? 'none'}`,
    `Replicas: ${ids(info.replicas)}`,
    `Isr: ${ids(info.isr)}`,
    `Elr: ${ids(info.elr)}`,
    `LastKnownElr: ${ids(info.lastKnownElr)}`,
  ]
  write(`\t${columns.join('\t')}\n`)
}

const ACTS: Readonly<Record<TopicsAction, (context: TopicsContext) => Promise<void>>> = {
  list: listTopics,
  describe: describeTopics,
  create: createTopic,
  delete: deleteTopics,
}
