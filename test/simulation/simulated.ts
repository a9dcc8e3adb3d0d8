/**
 * What all simulated runs have in common: a world on virtual time that must come to rest, errors
 * that must not be logged, a cluster with topics, and logs that are read in the end.
 */

import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import type { KafkaConfigInput } from '../../src/broker/KafkaConfig.ts'
import { MemoryStorage } from '../../src/broker/log/MemoryStorage.ts'
import type { Logger, LogLevel } from '../../src/common/Logger.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { TraceListener } from '../../src/common/Trace.ts'
import type { DefaultRecordBatch } from '../../src/record/DefaultRecordBatch.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { hostOf, type TopicPlan } from './mischief.ts'

/** Longer than any plan takes: with its time-outs, back-offs and the healing. */
const MAX_DURATION_MS = 600_000
/** What may be left in the queue of virtual time when all is closed: answers on the wire. */
const MAX_STEPS_AFTER_CLOSE = 5000

export interface WorldRun {
  readonly seed: number
  /** Hears of everything that happens. */
  readonly listener?: TraceListener | undefined
  main(world: SimulatedWorld): Promise<void>
  /** What is held against the outcome, before errors in the log are looked at. */
  check(): void
  /** An error in the log that belongs to what went wrong. */
  isForeseen(message: string): boolean
}

/** @throws when something is not as it must be; the message says what */
export const runWorld = async (run: WorldRun): Promise<SimulatedWorld> => {
  const { seed, listener } = run
  const logger = new ErrorLog()
  const world = new SimulatedWorld({ seed, logger, maxDurationMs: MAX_DURATION_MS })
  if (listener !== undefined) world.traceBus.listen(listener)
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => {
    unhandled.push(reason)
  }
  process.on('unhandledRejection', note)
  try {
    await world.run(() => run.main(world))
    await drain(world)
  } finally {
    process.off('unhandledRejection', note)
  }
  run.check()
  if (unhandled.length > 0) throw new Error(`unhandled rejection: ${unhandled[0]}`)
  const error = logger.errors.find((message) => !run.isForeseen(message))
  if (error !== undefined) throw new Error(`an error was logged: ${error}`)
  return world
}

/** Nothing may wait when all is closed: no timer, no loop, no segment that goes round for ever. */
const drain = async ({ simulation }: SimulatedWorld): Promise<void> => {
  for (let i = 0; i < MAX_STEPS_AFTER_CLOSE; i++) if (!(await simulation.step())) return
  throw new Error(`after everything was closed, something still runs every now and then`)
}

/** Keeps errors, and lets nobody build a message of any other kind. */
class ErrorLog implements Logger {
  readonly errors: string[] = []

  isEnabled(level: LogLevel): boolean {
    return level === 'error'
  }

  debug(): void {}

  info(): void {}

  warn(): void {}

  error(message: string, cause?: unknown): void {
    this.errors.push(cause === undefined ? message : `${message}: ${cause}`)
  }

  withPrefix(): Logger {
    return this
  }
}

/** Each broker on a host of its own, `broker-<id>`. */
export const startCluster = (
  world: SimulatedWorld,
  brokers: number,
  config: KafkaConfigInput = {},
): Promise<EmbeddedCluster> =>
  EmbeddedCluster.start({
    brokers,
    config,
    storage: new MemoryStorage({ time: world.simulation }),
    environment: world.environment('controller'),
    environmentOf: (id) => world.environment(hostOf(id)),
  })

export const createTopics = async (
  world: SimulatedWorld,
  cluster: EmbeddedCluster,
  topics: readonly TopicPlan[],
): Promise<void> => {
  const admin = new KafkaAdminClient(
    { 'bootstrap.servers': cluster.bootstrapServers },
    world.environment('admin'),
  )
  await admin
    .createTopics(
      topics.map(({ name, partitions, configs }) => {
        return { name, numPartitions: partitions, replicationFactor: 1, configs }
      }),
    )
    .all()
  await admin.close()
}

/** What the leader has, read from the log itself. */
export function* batchesOf(
  cluster: EmbeddedCluster,
  topic: string,
  partition: number,
): Generator<DefaultRecordBatch> {
  const leader = cluster.leaderOf(topic, partition)
  if (leader === undefined) throw new Error(`${topic}-${partition} has no leader at the end`)
  const { replicaManager } = cluster.broker(leader)
  const { log } = replicaManager.getPartition(new TopicPartition(topic, partition))!
  let offset = log.logStartOffset
  while (offset < log.logEndOffset) {
    const { records } = log.read(offset, 1024 * 1024, 'highWatermark', true)
    for (const batch of MemoryRecords.readableRecords(records.toBytes()).batches()) {
      if (!batch.isValid()) throw new Error(`${log.topicPartition}: a batch is corrupt`)
      yield batch
      offset = batch.lastOffset + 1
    }
  }
}
