/**
 * Which offsets a reset leads to, for each way to say it, held within what the log has.
 *
 *     log   │ 3 4 5 6 7 │        --to-offset 1 ─► 3     --shift-by 100 ─► 8
 *             start       end = 8
 *
 * @kafka org.apache.kafka.tools.OffsetsUtils
 */

import type { CommittedOffsets } from '../../admin/ListConsumerGroupOffsetsResult.ts'
import { OffsetSpec } from '../../admin/OffsetSpec.ts'
import type { TopicPartitionInfo } from '../../admin/TopicDescription.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import { CommandFailure } from './CommandFailure.ts'
import type { GroupsContext } from './GroupsContext.ts'

/** New offsets by partition. */
export type Offsets = TopicPartitionMap<number>

type Partitions = readonly TopicPartition[]
type Context = Pick<GroupsContext, 'admin' | 'options' | 'write' | 'writeError'>

/** What ListOffsets says when there is no record that late. */
const UNKNOWN_OFFSET = -1

export class OffsetsUtils {
  private readonly context: Context

  constructor(context: Context) {
    this.context = context
  }

  // ---- which partitions

  /** `orders` stands for all its partitions, `orders:0,2` for two of them. */
  async parseTopicPartitionsToReset(topicArgs: readonly string[]): Promise<Partitions> {
    const specified = topicArgs
      .filter((arg) => arg.includes(':'))
      .flatMap(parseTopicsWithPartitions)
    const topics = topicArgs.filter((arg) => !arg.includes(':'))
    return [...specified, ...(await this.partitionsOf(topics))]
  }

  private async partitionsOf(topics: readonly string[]): Promise<TopicPartition[]> {
    const described = await this.describe(topics)
    return described.map(([partition]) => partition)
  }

  /**
   * @throws CommandFailure for a partition that does not exist, or has no leader
   */
  async checkAllTopicPartitionsValid(partitions: Partitions): Promise<void> {
    const known = new TopicPartitionSet(
      await this.partitionsOf(partitions.map(({ topic }) => topic)),
    )
    const missing = partitions.filter((partition) => !known.has(partition))
    if (missing.length > 0) {
      const message = `The partitions "${missing.join(',')}" do not exist`
      throw new CommandFailure(message)
    }
    const leaderless = await this.filterNoneLeaderPartitions(partitions)
    if (leaderless.size > 0) {
      const message = `The partitions "${[...leaderless].join(',')}" have no leader`
      throw new CommandFailure(message)
    }
  }

  /** Those of them that have no leader. */
  async filterNoneLeaderPartitions(partitions: Partitions): Promise<TopicPartitionSet> {
    const wanted = new TopicPartitionSet(partitions)
    const described = await this.describe(partitions.map(({ topic }) => topic))
    const leaderless = described.filter(([, { leader }]) => leader === null)
    return new TopicPartitionSet(
      leaderless.map(([partition]) => partition).filter((partition) => wanted.has(partition)),
    )
  }

  private async describe(
    topics: readonly string[],
  ): Promise<(readonly [TopicPartition, TopicPartitionInfo])[]> {
    const { admin, options } = this.context
    const described = await admin.describeTopics([...new Set(topics)], options).all()
    return [...described].flatMap(([topic, { partitions }]) =>
      partitions.map((info) => [new TopicPartition(topic, info.partition), info] as const),
    )
  }

  // ---- what the log has

  getLogEndOffsets(partitions: Partitions): Promise<Offsets> {
    return this.getLogOffsets(partitions, OffsetSpec.latest())
  }

  private async getLogOffsets(partitions: Partitions, spec: OffsetSpec): Promise<Offsets> {
    const { admin, options } = this.context
    const asked = partitions.map((partition) => [partition, spec] as const)
    const found = await admin.listOffsets(asked, options).all()
    return new TopicPartitionMap([...found].map(([partition, { offset }]) => [partition, offset]))
  }

  // ---- the ways to say it

  resetToOffset(partitions: Partitions, offset: number): Promise<Offsets> {
    return this.checkOffsetsRange(new TopicPartitionMap(partitions.map((p) => [p, offset])))
  }

  resetToEarliest(partitions: Partitions): Promise<Offsets> {
    return this.getLogOffsets(partitions, OffsetSpec.earliest())
  }

  resetToLatest(partitions: Partitions): Promise<Offsets> {
    return this.getLogEndOffsets(partitions)
  }

  /** @throws IllegalArgumentException where the group has committed nothing */
  resetByShiftBy(
    partitions: Partitions,
    committed: CommittedOffsets,
    shiftBy: number,
  ): Promise<Offsets> {
    const shifted = partitions.map((partition) => {
      const current = committed.get(partition)
      if (current) return [partition, current.offset + shiftBy] as const
      throw new IllegalArgumentException(
        `Cannot shift offset for partition ${partition} since there is no current committed offset`,
      )
    })
    return this.checkOffsetsRange(new TopicPartitionMap(shifted))
  }

  /** @param timestamp milliseconds since 1970 */
  async resetToTimestamp(partitions: Partitions, timestamp: number): Promise<Offsets> {
    const found = await this.getLogOffsets(partitions, OffsetSpec.forTimestamp(timestamp))
    const late = partitions.filter((partition) => found.get(partition) === UNKNOWN_OFFSET)
    for (const { topic, partition } of late) {
      this.context.write(
        `\nWarn: Partition ${partition} from topic ${topic} is empty. ` +
          'Falling back to latest known offset.\n',
      )
    }
    return found.setAll(await this.getLogEndOffsets(late))
  }

  /** To where the group is; where it is nowhere, to the end. */
  async resetToCurrent(partitions: Partitions, committed: CommittedOffsets): Promise<Offsets> {
    const offsets: Offsets = new TopicPartitionMap()
    const without: TopicPartition[] = []
    for (const partition of partitions) {
      const current = committed.get(partition)
      if (current) offsets.set(partition, current.offset)
      else without.push(partition)
    }
    return offsets.setAll(await this.getLogEndOffsets(without))
  }

  /** Each offset, or the nearest that the log has. */
  async checkOffsetsRange(requested: Offsets): Promise<Offsets> {
    const partitions = [...requested.keys()]
    const starts = await this.getLogOffsets(partitions, OffsetSpec.earliest())
    const ends = await this.getLogEndOffsets(partitions)
    const warn = (offset: number, how: string, partition: TopicPartition, set: number): number => {
      this.context.writeError(
        `WARN New offset (${offset}) is ${how} offset for topic partition ${partition}. ` +
          `Value will be set to ${set}\n`,
      )
      return set
    }
    const within = partitions.map((partition): [TopicPartition, number] => {
      const [offset, start, end] = [requested, starts, ends].map((of) => of.get(partition)!)
      if (offset! > end!) return [partition, warn(offset!, 'higher than latest', partition, end!)]
      if (offset! < start!) {
        return [partition, warn(offset!, 'lower than earliest', partition, start!)]
      }
      return [partition, offset!]
    })
    return new TopicPartitionMap(within)
  }
}

/** @throws IllegalArgumentException for what is not `topic:0,1,2` */
export const parseTopicsWithPartitions = (topicArg: string): TopicPartition[] => {
  const [topic, numbers, ...more] = topicArg.split(':')
  if (!topic || !numbers || more.length > 0) {
    throw new IllegalArgumentException(
      `Invalid topic arg '${topicArg}', expected topic name and partitions`,
    )
  }
  return numbers.split(',').map((text) => {
    if (/^[-+]?\d+$/.test(text)) return new TopicPartition(topic, Number(text))
    throw new IllegalArgumentException(
      `Invalid partition '${text}' specified in topic arg '${topicArg}''`,
    )
  })
}
