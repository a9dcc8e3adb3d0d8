/**
 * The APIs that this project speaks: for each its number, its two messages, their versions, and
 * which header stands in front of them.
 *
 *     requestHeaderVersion   1 classic · 2 flexible (ends with tagged fields)
 *     responseHeaderVersion  0 classic · 1 flexible; always 0 for ApiVersions, see there
 *
 * An `ApiKey` carries the types of its messages, so that whoever sends `ApiKeys.FETCH` can only
 * send fetch requests, and gets fetch responses back.
 *
 * @kafka org.apache.kafka.common.protocol.ApiKeys
 * @simplified APIs that nobody here speaks yet are known by name only (`apiTable.ts`).
 */

import { IllegalArgumentException } from '../common/errors.ts'
import { API_NAMES } from './apiTable.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from './messages/ApiVersions.ts'
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from './messages/ConsumerGroupDescribe.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from './messages/CreateTopics.ts'
import { DeleteGroupsRequest, DeleteGroupsResponse } from './messages/DeleteGroups.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from './messages/DeleteTopics.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from './messages/DescribeCluster.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse } from './messages/DescribeConfigs.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse } from './messages/DescribeGroups.ts'
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from './messages/DescribeTopicPartitions.ts'
import { FetchRequest, FetchResponse } from './messages/Fetch.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from './messages/FindCoordinator.ts'
import { HeartbeatRequest, HeartbeatResponse } from './messages/Heartbeat.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from './messages/InitProducerId.ts'
import { JoinGroupRequest, JoinGroupResponse } from './messages/JoinGroup.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from './messages/LeaveGroup.ts'
import { ListGroupsRequest, ListGroupsResponse } from './messages/ListGroups.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from './messages/ListOffsets.ts'
import { MetadataRequest, MetadataResponse } from './messages/Metadata.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from './messages/OffsetCommit.ts'
import { OffsetDeleteRequest, OffsetDeleteResponse } from './messages/OffsetDelete.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from './messages/OffsetFetch.ts'
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from './messages/OffsetForLeaderEpoch.ts'
import { ProduceRequest, ProduceResponse } from './messages/Produce.ts'
import { SyncGroupRequest, SyncGroupResponse } from './messages/SyncGroup.ts'
import type { AnyMessage } from './schema/message.ts'

/** Key 18 in answers to clients of any age: its response header never became flexible. */
const API_VERSIONS_ID = 18

export class ApiKey<Request extends AnyMessage, Response extends AnyMessage> {
  /** The number on the wire; it never changes. */
  readonly id: number
  /** For people and metrics, as `Produce`. */
  readonly name: string
  readonly request: Request
  readonly response: Response
  /** Asked of a broker, done by the controller: the broker passes it on. */
  readonly forwardable: boolean

  constructor(request: Request, response: Response, forwardable = false) {
    this.id = request.apiKey
    this.name = request.name.replace(/Request$/, '')
    this.request = request
    this.response = response
    this.forwardable = forwardable
  }

  oldestVersion(): number {
    return this.request.validVersions.min
  }

  /**
   * @param enableUnstableLastVersion also a version that Kafka is still working on; a broker
   *   advertises
   *   it only with `unstable.api.versions.enable`
   */
  latestVersion(enableUnstableLastVersion = true): number {
    const { validVersions, latestVersionUnstable } = this.request
    return latestVersionUnstable && !enableUnstableLastVersion
      ? validVersions.max - 1
      : validVersions.max
  }

  /** All versions that we know, the oldest first. */
  allVersions(): number[] {
    const oldest = this.oldestVersion()
    return Array.from({ length: this.latestVersion() - oldest + 1 }, (_, i) => oldest + i)
  }

  isVersionSupported(version: number): boolean {
    return this.request.validVersions.contains(version)
  }

  /**
   * May this request be answered with more than a closed connection? ApiVersions always: a client
   * asks it in its newest version before it can know ours, and is told.
   */
  isVersionEnabled(version: number, enableUnstableLastVersion: boolean): boolean {
    if (this.id === API_VERSIONS_ID) return true
    return (
      version >= this.oldestVersion() && version <= this.latestVersion(enableUnstableLastVersion)
    )
  }

  requestHeaderVersion(version: number): 1 | 2 {
    return this.request.flexibleVersions.contains(version) ? 2 : 1
  }

  responseHeaderVersion(version: number): 0 | 1 {
    // A client that asked in a version unknown to the broker gets an answer in version 0, and must
    // be able to read its header before it knows that (KIP-511).
    if (this.id === API_VERSIONS_ID) return 0
    return this.response.flexibleVersions.contains(version) ? 1 : 0
  }

  toString(): string {
    return `${this.name}(${this.id})`
  }
}

/** Any API at all. */
export type AnyApiKey = ApiKey<AnyMessage, AnyMessage>

const KEYS = {
  PRODUCE: new ApiKey(ProduceRequest, ProduceResponse),
  FETCH: new ApiKey(FetchRequest, FetchResponse),
  LIST_OFFSETS: new ApiKey(ListOffsetsRequest, ListOffsetsResponse),
  METADATA: new ApiKey(MetadataRequest, MetadataResponse),
  OFFSET_COMMIT: new ApiKey(OffsetCommitRequest, OffsetCommitResponse),
  OFFSET_FETCH: new ApiKey(OffsetFetchRequest, OffsetFetchResponse),
  FIND_COORDINATOR: new ApiKey(FindCoordinatorRequest, FindCoordinatorResponse),
  JOIN_GROUP: new ApiKey(JoinGroupRequest, JoinGroupResponse),
  HEARTBEAT: new ApiKey(HeartbeatRequest, HeartbeatResponse),
  LEAVE_GROUP: new ApiKey(LeaveGroupRequest, LeaveGroupResponse),
  SYNC_GROUP: new ApiKey(SyncGroupRequest, SyncGroupResponse),
  DESCRIBE_GROUPS: new ApiKey(DescribeGroupsRequest, DescribeGroupsResponse),
  LIST_GROUPS: new ApiKey(ListGroupsRequest, ListGroupsResponse),
  API_VERSIONS: new ApiKey(ApiVersionsRequest, ApiVersionsResponse),
  CREATE_TOPICS: new ApiKey(CreateTopicsRequest, CreateTopicsResponse, true),
  DELETE_TOPICS: new ApiKey(DeleteTopicsRequest, DeleteTopicsResponse, true),
  INIT_PRODUCER_ID: new ApiKey(InitProducerIdRequest, InitProducerIdResponse),
  OFFSET_FOR_LEADER_EPOCH: new ApiKey(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse),
  DESCRIBE_CONFIGS: new ApiKey(DescribeConfigsRequest, DescribeConfigsResponse),
  DELETE_GROUPS: new ApiKey(DeleteGroupsRequest, DeleteGroupsResponse),
  OFFSET_DELETE: new ApiKey(OffsetDeleteRequest, OffsetDeleteResponse),
  DESCRIBE_CLUSTER: new ApiKey(DescribeClusterRequest, DescribeClusterResponse),
  CONSUMER_GROUP_DESCRIBE: new ApiKey(ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse),
  DESCRIBE_TOPIC_PARTITIONS: new ApiKey(
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
  ),
} as const

const all: readonly AnyApiKey[] = Object.values(KEYS)
const byId: ReadonlyMap<number, AnyApiKey> = new Map(all.map((key) => [key.id, key]))

export const ApiKeys = {
  ...KEYS,

  /** `undefined` for a number that is not spoken here; `nameOf` may know it. */
  forId: (id: number): AnyApiKey | undefined => byId.get(id),

  /** The same, where the number must be one of ours. */
  get(id: number): AnyApiKey {
    const key = byId.get(id)
    if (key === undefined) throw new IllegalArgumentException(`Unexpected API key: ${id}`)
    return key
  },

  hasId: (id: number): boolean => byId.has(id),

  /** For messages: `JoinGroup(11)`, and for a number that Kafka 4.3.1 does not know `API 1234`. */
  nameOf(id: number): string {
    const name = API_NAMES.get(id)
    return name === undefined ? `API ${id}` : `${name}(${id})`
  },

  /** All that are spoken here, by rising number. */
  values: (): readonly AnyApiKey[] => all,
} as const
