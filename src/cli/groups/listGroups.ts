/**
 * `groups list`: the ids, or a table with states and types.
 *
 *     GROUP                     TYPE                 STATE
 *     billing                   Classic              Stable
 *
 * @kafka org.apache.kafka.tools.consumer.group.ConsumerGroupCommand.ConsumerGroupService
 */

import { forConsumerGroups, type ListGroupsOptions } from '../../admin/AdminOptions.ts'
import type { GroupListing } from '../../admin/GroupListing.ts'
import {
  CONSUMER_GROUP_STATES,
  type GroupState,
  type GroupType,
  parseGroupState,
  parseGroupType,
} from '../../admin/GroupState.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { GroupsContext } from './GroupsContext.ts'

export const listGroups = async (context: GroupsContext): Promise<void> => {
  const { type, state } = context.flags
  if (type === undefined && state === undefined) {
    for (const groupId of await listConsumerGroups(context)) context.write(`${groupId}\n`)
    return
  }
  const types = typeof type === 'string' ? typesFromString(type) : []
  const groupStates = typeof state === 'string' ? statesFromString(state) : []
  printGroupInfo(context, await listings(context, { types, groupStates }))
}

/** The ids of all groups of consumers. */
export const listConsumerGroups = async (context: GroupsContext): Promise<string[]> => {
  const groups = await context.admin.listGroups(forConsumerGroups(context.options)).all()
  return groups.map(({ groupId }) => groupId)
}

const listings = (
  { admin, options }: GroupsContext,
  filters: ListGroupsOptions,
): Promise<readonly GroupListing[]> =>
  admin.listGroups(forConsumerGroups({ ...options, ...filters })).all()

const statesFromString = (text: string): GroupState[] => {
  const states = text.split(',').map((state) => parseGroupState(state.trim()))
  if (states.every((state) => CONSUMER_GROUP_STATES.includes(state))) return states
  const valid = CONSUMER_GROUP_STATES.join(', ')
  throw new IllegalArgumentException(`Invalid state list '${text}'. Valid states are: ${valid}`)
}

const VALID_TYPES: readonly GroupType[] = ['Classic', 'Consumer']

const typesFromString = (text: string): GroupType[] => {
  const types = text.split(',').map((type) => parseGroupType(type.trim()))
  if (types.every((type) => VALID_TYPES.includes(type))) return types
  const valid = VALID_TYPES.join(', ')
  throw new IllegalArgumentException(`Invalid types list '${text}'. Valid types are: ${valid}`)
}

const printGroupInfo = ({ flags, write }: GroupsContext, groups: readonly GroupListing[]): void => {
  const width = 10 + Math.max(15, ...groups.map(({ groupId }) => groupId.length))
  const line = (groupId: string, type: string, state: string): void => {
    const shownType = flags.type === undefined ? '' : ` ${type.padEnd(20)}`
    const shownState = flags.state === undefined ? '' : ` ${state.padEnd(20)}`
    write(`${groupId.padEnd(width)}${shownType}${shownState}\n`)
  }
  line('GROUP', 'TYPE', 'STATE')
  for (const { groupId, type, groupState } of groups) {
    line(groupId, type ?? 'Unknown', groupState ?? 'Unknown')
  }
}
