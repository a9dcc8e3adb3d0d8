/**
 * A group's partitions with what was committed, what there is, and who reads them.
 *
 *     GROUP    TOPIC   PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST  CLIENT-ID
 *     billing  orders  0          15              20              5    …
 *
 * @kafka org.apache.kafka.tools.consumer.group.PartitionAssignmentState
 * @kafka org.apache.kafka.tools.consumer.group.ConsumerGroupCommand.ConsumerGroupService
 */

export interface PartitionAssignmentState {
  readonly group: string
  readonly topic: string
  readonly partition: number
  /** `null`: nothing was committed. */
  readonly offset: number | null
  /** `null`: there is no leader to ask. */
  readonly logEndOffset: number | null
  readonly lag: number | null
  readonly leaderEpoch: number | null
  /** `-`: nobody reads it. */
  readonly consumerId: string
  readonly host: string
  readonly clientId: string
}

const MIN_WIDTH = 15

const shown = (value: number | null): string => (value === null ? '-' : String(value))

export const printOffsets = (
  write: (text: string) => void,
  groupId: string,
  rows: readonly PartitionAssignmentState[],
  verbose: boolean,
): void => {
  const width = (texts: readonly string[]) => Math.max(MIN_WIDTH, ...texts.map((t) => t.length))
  const widths = {
    group: width([groupId]),
    topic: width(rows.map(({ topic }) => topic)),
    consumerId: width(rows.map(({ consumerId }) => consumerId)),
    host: width(rows.map(({ host }) => host)),
  }
  const line = (row: Readonly<Record<keyof PartitionAssignmentState, string>>): void => {
    const epoch = verbose ? [row.leaderEpoch.padEnd(MIN_WIDTH)] : []
    const columns = [
      row.group.padEnd(widths.group),
      row.topic.padEnd(widths.topic),
      row.partition.padEnd(10),
      ...epoch,
      row.offset.padEnd(MIN_WIDTH),
      row.logEndOffset.padEnd(MIN_WIDTH),
      row.lag.padEnd(MIN_WIDTH),
      row.consumerId.padEnd(widths.consumerId),
      row.host.padEnd(widths.host),
      row.clientId,
    ]
    write(`\n${columns.join(' ')}`)
  }
  line(HEADER)
  for (const row of rows) {
    line({
      ...row,
      partition: String(row.partition),
      leaderEpoch: shown(row.leaderEpoch),
      offset: shown(row.offset),
      logEndOffset: shown(row.logEndOffset),
      lag: shown(row.lag),
    })
  }
  write('\n')
}

const HEADER: Readonly<Record<keyof PartitionAssignmentState, string>> = {
  group: 'GROUP',
  topic: 'TOPIC',
  partition: 'PARTITION',
  leaderEpoch: 'LEADER-EPOCH',
  offset: 'CURRENT-OFFSET',
  logEndOffset: 'LOG-END-OFFSET',
  lag: 'LAG',
  consumerId: 'CONSUMER-ID',
  host: 'HOST',
  clientId: 'CLIENT-ID',
}
