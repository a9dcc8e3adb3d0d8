/**
 * How the files of a log are called: `00000000000000000042.log` starts at offset 42.
 *
 * Twenty digits, so that sorting names sorts offsets. Next to each segment stand its indexes and
 * the snapshot of the producers' state at its base offset, told apart by their endings.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogFileUtils
 */

import { IllegalArgumentException, KafkaException } from '../../common/errors.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import type { Uuid } from '../../common/Uuid.ts'
import { joinPath } from './Storage.ts'

export const LOG_FILE_SUFFIX = '.log'
export const INDEX_FILE_SUFFIX = '.index'
export const TIME_INDEX_FILE_SUFFIX = '.timeindex'
export const PRODUCER_SNAPSHOT_FILE_SUFFIX = '.snapshot'
/** Left by an interrupted removal; deleted when the log is opened. */
export const DELETED_FILE_SUFFIX = '.deleted'
/** Left by an interrupted compaction before its result counted. */
export const CLEANED_FILE_SUFFIX = '.cleaned'
/** A replacement that counts: it is finished when the log is opened. */
export const SWAP_FILE_SUFFIX = '.swap'
/** The ending of a partition's directory on its way out. */
export const DELETE_DIR_SUFFIX = '-delete'
/** The ending of a directory that no topic claims. */
export const STRAY_DIR_SUFFIX = '-stray'

const OFFSET_DIGITS = 20

export const filenamePrefixFromOffset = (offset: number): string =>
  String(offset).padStart(OFFSET_DIGITS, '0')

export const logFile = (dir: string, offset: number, suffix = ''): string =>
  joinPath(dir, filenamePrefixFromOffset(offset) + LOG_FILE_SUFFIX + suffix)

export const offsetIndexFile = (dir: string, offset: number, suffix = ''): string =>
  joinPath(dir, filenamePrefixFromOffset(offset) + INDEX_FILE_SUFFIX + suffix)

export const timeIndexFile = (dir: string, offset: number, suffix = ''): string =>
  joinPath(dir, filenamePrefixFromOffset(offset) + TIME_INDEX_FILE_SUFFIX + suffix)

export const producerSnapshotFile = (dir: string, offset: number): string =>
  joinPath(dir, filenamePrefixFromOffset(offset) + PRODUCER_SNAPSHOT_FILE_SUFFIX)

/** The offset in front of the first dot, or `undefined` when the name has none. */
export const offsetFromFileName = (name: string): number | undefined => {
  const dot = name.indexOf('.')
  const digits = dot < 0 ? '' : name.slice(0, dot)
  return /^\d+$/.test(digits) ? Number(digits) : undefined
}

export const isLogFile = (name: string): boolean => name.endsWith(LOG_FILE_SUFFIX)

export const isIndexFile = (name: string): boolean =>
  name.endsWith(INDEX_FILE_SUFFIX) || name.endsWith(TIME_INDEX_FILE_SUFFIX)

/** `topic-0`, the directory of one partition. */
export const logDirName = (topicPartition: TopicPartition): string => topicPartition.key

/**
 * `topic-0.<id>-delete`: a name that no new partition will want. File systems allow 255 characters,
 * so a long topic name is cut.
 */
export const logDeleteDirName = (topicPartition: TopicPartition, uniqueId: Uuid): string => {
  const suffix = `-${topicPartition.partition}.${uniqueIdText(uniqueId)}${DELETE_DIR_SUFFIX}`
  const room = 255 - suffix.length
  return topicPartition.topic.slice(0, room) + suffix
}

/**
 * 32 digits without dashes: the url-safe form of `Uuid` has dashes that would hide where the ending
 * begins.
 */
const uniqueIdText = (id: Uuid): string =>
  Array.from(id.bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const DELETED_DIR = /^(\S+)-(\S+)\.(\S+)-delete$/

/**
 * The partition whose log a directory holds.
 *
 * @throws KafkaException when the name is not that of a partition
 */
export const parseTopicPartitionName = (dirName: string): TopicPartition => {
  const refuse = (): never => {
    throw new KafkaException(
      `Found directory '${dirName}', which is not in the form of topic-partition or ` +
        "topic-partition.uniqueId-delete (if marked for deletion). Kafka's log directories (and " +
        'children) should only contain Kafka topic data.',
    )
  }
  if (dirName === '' || !dirName.includes('-')) return refuse()
  if (dirName.endsWith(DELETE_DIR_SUFFIX) && !DELETED_DIR.test(dirName)) return refuse()
  const name = dirName.endsWith(DELETE_DIR_SUFFIX)
    ? dirName.slice(0, dirName.lastIndexOf('.'))
    : dirName
  const dash = name.lastIndexOf('-')
  const topic = name.slice(0, dash)
  const partition = name.slice(dash + 1)
  if (topic === '' || !/^\d+$/.test(partition)) return refuse()
  return new TopicPartition(topic, Number(partition))
}

/** The offset of a file that must have one. */
export const offsetFromFile = (name: string): number => {
  const offset = offsetFromFileName(name)
  if (offset === undefined)
    throw new IllegalArgumentException(`'${name}' does not start with an offset.`)
  return offset
}
