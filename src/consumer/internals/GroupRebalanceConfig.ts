/**
 * The settings of one membership in one group.
 *
 * @kafka org.apache.kafka.clients.GroupRebalanceConfig
 */

import { validateGroupInstanceId } from '../../clients/JoinGroupRequest.ts'

export interface GroupRebalanceConfig {
  readonly groupId: string
  /** Without a heartbeat for so long, the coordinator takes the member for dead. */
  readonly sessionTimeoutMs: number
  /**
   * `max.poll.interval.ms`, for two things: how long the program may be away between two polls, and
   * how long the coordinator waits for this member when all must join again.
   */
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** The name of a static member (KIP-345); `null`: a dynamic one. */
  readonly groupInstanceId: string | null
  /** `client.rack`; `null`: not known. */
  readonly rackId: string | null
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
}

/** What is read of a consumer's settings. */
export interface GroupSettings {
  get(key: 'group.id' | 'group.instance.id'): string | null
  get(key: 'client.rack'): string
  get(
    key:
      | 'session.timeout.ms'
      | 'max.poll.interval.ms'
      | 'heartbeat.interval.ms'
      | 'retry.backoff.ms'
      | 'retry.backoff.max.ms',
  ): number
}

/**
 * @throws InvalidConfigurationException for a `group.instance.id` with characters that no name may
 *   have
 */
export const groupRebalanceConfigOf = (
  settings: GroupSettings,
  groupId: string,
): GroupRebalanceConfig => {
  const groupInstanceId = settings.get('group.instance.id')
  if (groupInstanceId !== null) validateGroupInstanceId(groupInstanceId)
  const rackId = settings.get('client.rack')
  return {
    groupId,
    groupInstanceId,
    rackId: rackId === '' ? null : rackId,
    sessionTimeoutMs: settings.get('session.timeout.ms'),
    rebalanceTimeoutMs: settings.get('max.poll.interval.ms'),
    heartbeatIntervalMs: settings.get('heartbeat.interval.ms'),
    retryBackoffMs: settings.get('retry.backoff.ms'),
    retryBackoffMaxMs: settings.get('retry.backoff.max.ms'),
  }
}
