/**
 * What all members of a group get, by member id: what `assign` ends with.
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupAssignment
 */

import type { Assignment } from './Assignment.ts'

export class GroupAssignment {
  private readonly assignments: ReadonlyMap<string, Assignment>

  constructor(assignments: ReadonlyMap<string, Assignment>) {
    this.assignments = assignments
  }

  groupAssignment(): ReadonlyMap<string, Assignment> {
    return this.assignments
  }

  toString(): string {
    const members = Array.from(this.assignments, ([id, gets]) => `${id}=${gets}`)
    return `GroupAssignment(assignments={${members.join(', ')}})`
  }
}
