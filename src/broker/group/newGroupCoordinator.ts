/**
 * The group coordinator of one broker, put together: its door, what runs its partitions, and the
 * way to the log and back.
 *
 *     GroupCoordinatorService ─► CoordinatorRuntime ─┬─► GroupCoordinatorShard (per partition)
 *                                                    ├─► CoordinatorPartitionWriter ─┐
 *                                                    └─◄ CoordinatorLoader ◄─ ReplicaManager
 *
 * @kafka kafka.server.BrokerServer (createGroupCoordinator)
 */

import type { Logger } from '../../common/Logger.ts'
import type { Random } from '../../common/Random.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import { Compression } from '../../record/compress/Compression.ts'
import { CoordinatorLoaderImpl } from '../coordinator/CoordinatorLoader.ts'
import { CoordinatorPartitionWriter } from '../coordinator/CoordinatorPartitionWriter.ts'
import { CoordinatorRuntime } from '../coordinator/CoordinatorRuntime.ts'
import type { KafkaConfig } from '../KafkaConfig.ts'
import type { ReplicaManager } from '../replica/ReplicaManager.ts'
import type { CoordinatorRecord } from './GroupCoordinatorRecord.ts'
import { GroupCoordinatorRecordSerde } from './GroupCoordinatorRecordSerde.ts'
import { GroupCoordinatorService } from './GroupCoordinatorService.ts'
import { GroupCoordinatorShard } from './GroupCoordinatorShard.ts'

export interface GroupCoordinatorParts {
  config: KafkaConfig
  time: Time
  random: Random
  logger: Logger
  trace: Trace
  replicaManager: ReplicaManager
}

export const newGroupCoordinator = (parts: GroupCoordinatorParts): GroupCoordinatorService => {
  const { time, random, trace, replicaManager } = parts
  const logger = parts.logger.withPrefix('[GroupCoordinator] ')
  const config = parts.config.groupCoordinatorConfig()
  const serde = new GroupCoordinatorRecordSerde()
  const runtime = new CoordinatorRuntime<GroupCoordinatorShard, CoordinatorRecord>({
    logger,
    time,
    trace,
    serde,
    partitionWriter: new CoordinatorPartitionWriter(replicaManager),
    loader: new CoordinatorLoaderImpl({
      logger,
      time,
      serde,
      replicaManager,
      loadBufferSize: config.offsetsLoadBufferSize(),
    }),
    compression: Compression.of(config.offsetTopicCompressionType()),
    writeTimeoutMs: config.offsetCommitTimeoutMs(),
    newShard: (topicPartition, timer) =>
      new GroupCoordinatorShard({
        logger: logger.withPrefix(`[${topicPartition}] `),
        time,
        random,
        trace,
        timer,
        config,
      }),
  })
  return new GroupCoordinatorService({ logger, config, runtime })
}
