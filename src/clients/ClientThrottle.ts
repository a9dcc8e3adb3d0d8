/**
 * Who waits when a quota is exceeded: the broker or the client.
 *
 * Long ago a broker held the response back until the time was over. Since KIP-219 it answers at
 * once, names the time in `throttleTimeMs`, and reads nothing more from the connection meanwhile;
 * so the client had better send nothing. Which of the two a broker did is told by the response's
 * version.
 *
 * @kafka org.apache.kafka.common.requests.AbstractResponse
 */

import type { AnyApiKey } from './RequestBuilder.ts'

/** By API: the first version after which the client waits. APIs without a row never ask it to. */
const FIRST_THROTTLED_VERSION: ReadonlyMap<string, number> = new Map([
  ['Produce', 6],
  ['Fetch', 8],
  ['ListOffsets', 3],
  ['Metadata', 6],
  ['OffsetCommit', 4],
  ['OffsetFetch', 4],
  ['FindCoordinator', 2],
  ['JoinGroup', 3],
  ['Heartbeat', 2],
  ['LeaveGroup', 2],
  ['SyncGroup', 2],
  ['DescribeGroups', 2],
  ['ListGroups', 2],
  ['ApiVersions', 2],
  ['CreateTopics', 3],
  ['DeleteTopics', 2],
  ['DeleteRecords', 1],
  ['InitProducerId', 1],
  ['AddPartitionsToTxn', 1],
  ['AddOffsetsToTxn', 1],
  ['EndTxn', 1],
  ['TxnOffsetCommit', 1],
  ['DescribeAcls', 1],
  ['CreateAcls', 1],
  ['DeleteAcls', 1],
  ['DescribeConfigs', 2],
  ['AlterConfigs', 1],
  ['AlterReplicaLogDirs', 1],
  ['DescribeLogDirs', 1],
  ['CreatePartitions', 1],
  ['CreateDelegationToken', 1],
  ['RenewDelegationToken', 1],
  ['ExpireDelegationToken', 1],
  ['DescribeDelegationToken', 1],
  ['DeleteGroups', 1],
  ['ElectLeaders', 0],
  ['IncrementalAlterConfigs', 0],
  ['AlterPartitionReassignments', 0],
  ['ListPartitionReassignments', 0],
  ['OffsetDelete', 0],
  ['DescribeUserScramCredentials', 0],
  ['AlterUserScramCredentials', 0],
  ['UnregisterBroker', 0],
  ['DescribeTopicPartitions', 0],
])

/** What a broker says of a quota, milliseconds: 0 when there is none, or when it cannot say. */
export const throttleTimeMsOf = (response: unknown): number =>
  (response as { throttleTimeMs?: number }).throttleTimeMs ?? 0

/** How long the client should leave the node alone after this response, milliseconds; usually 0. */
export const clientThrottleTimeMs = (
  apiKey: AnyApiKey,
  apiVersion: number,
  response: unknown,
): number => {
  const throttleTimeMs = throttleTimeMsOf(response)
  if (throttleTimeMs <= 0) return 0
  const first = FIRST_THROTTLED_VERSION.get(apiKey.name)
  return first !== undefined && apiVersion >= first ? throttleTimeMs : 0
}
