/**
 * Gives a partition to another broker: the log itself changes hands.
 *
 *     resign    the old leader answers NOT_LEADER_OR_FOLLOWER; what it has appended is flushed,
 *               and whoever waits for that flush is answered
 *     decide    the controller makes the new leader durable, under the next epoch
 *     hand over close the log in order, rename its directory, publish: one turn, nobody in between
 *
 *     <storage>/broker-1/orders-0/   ──rename──►   <storage>/broker-2/orders-0/
 *
 * The producers' state lies in the same directory (snapshots, and the log to replay), so a batch
 * that is sent again to the new leader is recognised there.
 *
 * I1  An append is in the log that moves, or was refused: `resign` and the hand-over are single
 *     turns, and an append is one too.
 * I2  A broker that was killed cannot close its log: the new leader reads it as after a crash.
 * I3  A process that dies between deciding and handing over leaves a log in the wrong place;
 *     `placeLogs` brings it to its leader before any broker looks.
 *
 * @simplified Kafka moves leadership between replicas that have the log already. Here is one
 *   replica, so the log moves along; that ends when replication comes.
 */

import { IllegalArgumentException } from '../common/errors.ts'
import { TopicPartition } from '../common/TopicPartition.ts'
import type { Uuid } from '../common/Uuid.ts'
import type { QuorumController } from './controller/QuorumController.ts'
import type { KafkaBroker } from './KafkaBroker.ts'
import { logDirName } from './log/LogFileUtils.ts'
import { LogManager, UNKNOWN_LOG } from './log/LogManager.ts'
import { PartitionMetadataFile } from './log/PartitionMetadataFile.ts'
import { joinPath, type Storage } from './log/Storage.ts'
import type { MetadataImage } from './metadata/MetadataImage.ts'

/** The log directory of a broker. */
export const brokerDir = (id: number): string => `broker-${id}`

const BROKER_DIR = /^broker-\d+$/

export interface LeaderMoveOptions {
  controller: QuorumController
  storage: Storage
  running: ReadonlyMap<number, KafkaBroker>
  /** Those that are being stopped in order: the logs are still theirs. */
  stopping: ReadonlyMap<number, KafkaBroker>
}

/**
 * @throws UnknownTopicOrPartitionException for a partition that there is not,
 *   IllegalArgumentException for a broker that is not running, KafkaStorageException when the old
 *   leader's disk fails: it stays the leader then
 */
export const moveLeader = async (
  { controller, storage, running, stopping }: LeaderMoveOptions,
  topicPartition: TopicPartition,
  to: number,
): Promise<void> => {
  const target = running.get(to)
  if (target === undefined) {
    throw new IllegalArgumentException(
      `Broker ${to} is not running, so it cannot lead ${topicPartition}.`,
    )
  }
  let source: KafkaBroker | undefined
  await controller.moveLeader(topicPartition, to, {
    resign: async (from) => {
      source ??= running.get(from) ?? stopping.get(from)
      if (source !== undefined && !source.wasKilled()) {
        await source.replicaManager.resign(topicPartition)
      }
    },
    stay: () => source?.replicaManager.stay(topicPartition),
    handOver: (from) => {
      const released =
        source === undefined || source.wasKilled()
          ? UNKNOWN_LOG
          : source.replicaManager.release(topicPartition)
      moveDirectory(storage, topicPartition, from, to)
      target.logManager.expectLog(topicPartition, released)
    },
  })
}

/** I3. */
export const placeLogs = (storage: Storage, image: MetadataImage): void => {
  const brokers = storage.list('').filter((name) => BROKER_DIR.test(name))
  for (const topic of image.topicsByName.values()) {
    for (const [index, { replicas }] of topic.partitions.entries()) {
      const name = logDirName(new TopicPartition(topic.name, index))
      const home = brokerDir(replicas[0]!)
      if (storage.exists(joinPath(home, name))) continue
      const found = brokers.find((dir) => isLogOf(storage, joinPath(dir, name), topic.id))
      if (found === undefined) continue
      storage.makeDirectory(home)
      storage.rename(joinPath(found, name), joinPath(home, name))
      // Nobody knows how it was closed: all of this broker's logs are read as after a crash.
      LogManager.markUnclean(storage, home)
    }
  }
}

const isLogOf = (storage: Storage, dir: string, topicId: Uuid): boolean =>
  storage.isDirectory(dir) &&
  new PartitionMetadataFile(storage, dir).read()?.equals(topicId) === true

/** A broker that was never able to open the log has no directory: the new leader makes one. */
const moveDirectory = (
  storage: Storage,
  topicPartition: TopicPartition,
  from: number,
  to: number,
): void => {
  const name = logDirName(topicPartition)
  const source = joinPath(brokerDir(from), name)
  if (storage.exists(source)) storage.rename(source, joinPath(brokerDir(to), name))
}
