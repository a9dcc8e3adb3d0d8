/**
 * What a group is doing, and who coordinates it.
 *
 *     GROUP    COORDINATOR (ID)     ASSIGNMENT-STRATEGY  STATE   #MEMBERS
 *     billing  localhost:9092  (1)  range                Stable  2
 *
 * @kafka org.apache.kafka.tools.consumer.group.GroupInformation
 * @kafka org.apache.kafka.tools.consumer.group.ConsumerGroupCommand.ConsumerGroupService
 */

import type { ConsumerGroupDescription } from '../../admin/ConsumerGroupDescription.ts'

const orMissing = (value: number | null): string => (value === null ? '-' : String(value))

export const printStates = (
  write: (text: string) => void,
  group: ConsumerGroupDescription,
  verbose: boolean,
): void => {
  const { groupId, coordinator, partitionAssignor, groupState, members } = group
  const where = `${coordinator.host}:${coordinator.port}  (${coordinator.idString()})`
  const widths = { group: Math.max(15, groupId.length), coordinator: Math.max(25, where.length) }
  const line = (
    id: string,
    address: string,
    assignor: string,
    state: string,
    epochs: readonly [group: string, target: string],
    size: string,
  ): void => {
    const more = verbose ? [epochs[0].padEnd(15), epochs[1].padEnd(25)] : []
    const columns = [
      id.padEnd(widths.group),
      address.padEnd(widths.coordinator),
      assignor.padEnd(20),
      state.padEnd(20),
      ...more,
      size,
    ]
    write(`\n${columns.join(' ')}`)
  }
  const epochs = [orMissing(group.groupEpoch), orMissing(group.targetAssignmentEpoch)] as const
  const headers = ['GROUP-EPOCH', 'TARGET-ASSIGNMENT-EPOCH'] as const
  line('GROUP', 'COORDINATOR (ID)', 'ASSIGNMENT-STRATEGY', 'STATE', headers, '#MEMBERS')
  line(groupId, where, partitionAssignor || '-', groupState, epochs, String(members.length))
  write('\n')
}
