/** What the actions of `groups` work with. */

import type { KafkaAdminClient } from '../../admin/KafkaAdminClient.ts'
import type { Time } from '../../common/Time.ts'
import type { Terminal } from '../Terminal.ts'
import type { GroupsFlags } from './groupsOptions.ts'

/** The terminal and the disk, as far as the command needs them. */
export type GroupsStreams = Pick<Terminal, 'write' | 'writeError' | 'readFile'>

/** What each action works with. */
export interface GroupsContext extends GroupsStreams {
  readonly admin: KafkaAdminClient
  readonly flags: GroupsFlags
  readonly time: Time
  /** For every call of the admin client. */
  readonly options: { readonly timeoutMs: number }
}
