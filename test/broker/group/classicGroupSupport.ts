/** Members, protocols and groups as the tests of classic groups need them. */

import { ClassicGroup } from '../../../src/broker/group/classic/ClassicGroup.ts'
import {
  ClassicGroupMember,
  type ClassicGroupMemberOptions,
  type Protocols,
} from '../../../src/broker/group/classic/ClassicGroupMember.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import type { Time } from '../../../src/common/Time.ts'
import { serializeConsumerProtocolSubscription } from '../../../src/protocol/ConsumerProtocol.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

/** These protocols with nothing to say. */
export const bareProtocols = (...names: string[]): Protocols =>
  names.map((name) => ({ name, metadata: new Uint8Array(0) }))

/** This protocol, wanting these topics. */
export const subscriptionTo = (name: string, ...topics: string[]): Protocols => [
  { name, metadata: serializeConsumerProtocolSubscription({ topics }) },
]

const TOPICS = ['foo', 'bar', 'baz']

/** These protocols, each wanting a topic. */
export const toProtocols = (...names: string[]): Protocols =>
  names.flatMap((name, i) => subscriptionTo(name, TOPICS[i % TOPICS.length]!))

export const newGroup = (time: Time = new MockTime()): ClassicGroup =>
  new ClassicGroup({ groupId: 'groupId', logger: new RecordingLogger(), time })

/** A dynamic consumer that knows `roundrobin`, unless said otherwise. */
export const newMember = (options: Partial<ClassicGroupMemberOptions> = {}): ClassicGroupMember =>
  new ClassicGroupMember({
    memberId: 'memberId',
    groupInstanceId: null,
    clientId: 'clientId',
    clientHost: 'clientHost',
    rebalanceTimeoutMs: 60_000,
    sessionTimeoutMs: 10_000,
    protocolType: 'consumer',
    supportedProtocols: bareProtocols('roundrobin'),
    ...options,
  })
