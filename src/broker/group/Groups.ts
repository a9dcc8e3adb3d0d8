/**
 * The groups of one partition of `__consumer_offsets`, by their names.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupMetadataManager
 */

import { GroupIdNotFoundException } from '../../common/errors/CoordinatorExceptions.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import { ClassicGroup } from './classic/ClassicGroup.ts'
import type { Group } from './Group.ts'

export class Groups {
  private readonly logger: Logger
  private readonly time: Time
  private readonly groups = new Map<string, Group>()

  constructor(logger: Logger, time: Time) {
    this.logger = logger
    this.time = time
  }

  get(groupId: string): Group | undefined {
    return this.groups.get(groupId)
  }

  has(groupId: string): boolean {
    return this.groups.has(groupId)
  }

  values(): Iterable<Group> {
    return this.groups.values()
  }

  ids(): Set<string> {
    return new Set(this.groups.keys())
  }

  /** Replaces a group of the same name. */
  put(group: Group): void {
    this.groups.set(group.groupId, group)
  }

  remove(groupId: string): void {
    this.groups.delete(groupId)
  }

  /** @throws GroupIdNotFoundException */
  group(groupId: string): Group {
    const group = this.groups.get(groupId)
    if (group === undefined) throw new GroupIdNotFoundException(`Group ${groupId} not found.`)
    return group
  }

  /** @throws GroupIdNotFoundException also for a group of another kind */
  classicGroup(groupId: string): ClassicGroup {
    const group = this.group(groupId)
    if (group instanceof ClassicGroup) return group
    throw new GroupIdNotFoundException(`Group ${groupId} is not a classic group.`)
  }

  /** For timers, which may outlive their group. */
  findClassicGroup(groupId: string): ClassicGroup | undefined {
    const group = this.groups.get(groupId)
    return group instanceof ClassicGroup ? group : undefined
  }

  /** @throws GroupIdNotFoundException as `classicGroup`, unless a new one may be made */
  getOrMaybeCreateClassicGroup(groupId: string, createIfNotExists: boolean): ClassicGroup {
    if (this.groups.has(groupId) || !createIfNotExists) return this.classicGroup(groupId)
    const { logger, time } = this
    const group = new ClassicGroup({ groupId, logger, time })
    this.groups.set(groupId, group)
    return group
  }
}
