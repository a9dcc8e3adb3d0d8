/**
 * Every setting of Kafka's consumer against ours: name, type, default, range, importance.
 *
 * What Kafka's class says is in `test/golden/configurations.json`, written by that class. Where
 * ours says something else it stands below with the reason; nothing else may differ, and a
 * deviation that is none any more fails too.
 */

import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../src/common/Random.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { CONSUMER_CONFIG, ConsumerConfig } from '../../src/consumer/ConsumerConfig.ts'
import { covers } from '../support/covers.ts'
import {
  A_CLASS,
  type Deviations,
  expectBuffersOfTheMachine,
  expectRefusals,
  expectSameSettings,
  expectShown,
  factsOf,
  MACHINES_OWN,
  type ShownBy,
} from '../support/settingsOfKafka.ts'

const kafkas = factsOf('consumer')

const SHARE_GROUPS = 'share groups are refused, so there is nothing to choose from'

/** By setting: what differs, and why. */
const DEVIATIONS: Deviations = {
  'client.dns.lookup': {
    differs: ['range'],
    because: 'canonical names serve Kerberos alone, which is not there yet',
  },
  'enable.metrics.push': { differs: ['default', 'range'], because: 'no telemetry (KIP-714)' },
  'group.protocol': { differs: ['range'], because: 'the consumer protocol (KIP-848) is refused' },
  'metric.reporters': { differs: ['default'], because: A_CLASS },
  'partition.assignment.strategy': { differs: ['default'], because: A_CLASS },
  'receive.buffer.bytes': { differs: ['default', 'range'], because: MACHINES_OWN },
  'sasl.oauthbearer.jwt.retriever.class': { differs: ['default'], because: A_CLASS },
  'sasl.oauthbearer.jwt.validator.class': { differs: ['default'], because: A_CLASS },
  'security.protocol': { differs: ['range'], because: 'TLS and SASL come with security' },
  'send.buffer.bytes': { differs: ['default', 'range'], because: MACHINES_OWN },
  'share.acknowledgement.mode': { differs: ['range'], because: SHARE_GROUPS },
  'share.acquire.mode': { differs: ['range'], because: SHARE_GROUPS },
}

const CONSUMER = 'consumer/KafkaConsumer.test.ts'
const COMMITS = 'consumer/KafkaConsumer.commits.test.ts'
const GROUPS = 'consumer/KafkaConsumer.groups.test.ts'
const REPORTERS = 'consumer/consumerReporters.test.ts'
const RECORDS = 'consumer/internals/CompletedFetch.test.ts'
const ON_CLUSTER = 'cluster/consumerSettings.test.ts'
const MEMBERS = 'cluster/memberSettings.test.ts'
const HERE = 'consumer/settingsOfKafka.test.ts'

/** By setting that works: the test that shows what it does, by file and a part of its name. */
const SHOWN_BY: ShownBy = {
  'allow.auto.create.topics': [ON_CLUSTER, 'whether reading a topic creates it'],
  'auto.commit.interval.ms': [MEMBERS, 'when the time has come'],
  'auto.offset.reset': [ON_CLUSTER, 'when the group has no offset'],
  'bootstrap.servers': [ON_CLUSTER, 'may name addresses where nobody is'],
  'check.crcs': [RECORDS, 'are handed out as they are when checksums are not wanted'],
  'client.dns.lookup': ['network/nio/TcpNetwork.test.ts', 'leads to the one that answers'],
  'client.id': [ON_CLUSTER, 'goes along with every request'],
  'client.rack': [GROUPS, 'says where it stands'],
  'connections.max.idle.ms': [ON_CLUSTER, 'closes a connection that nobody uses'],
  'default.api.timeout.ms': [ON_CLUSTER, 'for all attempts of a call'],
  'enable.auto.commit': [MEMBERS, 'commit nothing when it is off'],
  'enable.metrics.push': [REPORTERS, 'refuse to push metrics'],
  'exclude.internal.topics': [MEMBERS, 'passes over __consumer_offsets'],
  'fetch.max.bytes': [ON_CLUSTER, 'a first batch comes whole'],
  'fetch.max.wait.ms': [ON_CLUSTER, 'no longer than fetch.max.wait.ms'],
  'fetch.min.bytes': [ON_CLUSTER, 'waits for fetch.min.bytes'],
  'group.id': [MEMBERS, 'shares the partitions'],
  'group.instance.id': [MEMBERS, 'without a rebalance'],
  'group.protocol': [HERE, 'take only the classic group protocol'],
  'heartbeat.interval.ms': [MEMBERS, 'two signs of life'],
  'interceptor.classes': [CONSUMER, 'an interceptor may change what poll returns'],
  'internal.throw.on.fetch.stable.offset.unsupported': [COMMITS, 'too old to wait'],
  'isolation.level': [RECORDS, 'skipped by those who read committed'],
  'key.deserializer': [CONSUMER, 'gives plug-ins the client id'],
  'max.partition.fetch.bytes': [ON_CLUSTER, 'a first batch comes whole'],
  'max.poll.interval.ms': [MEMBERS, 'without a poll before it loses its partitions'],
  'max.poll.records': [CONSUMER, 'returns at most max.poll.records'],
  'metadata.max.age.ms': [ON_CLUSTER, 'although nothing went wrong'],
  'metadata.recovery.rebootstrap.trigger.ms': [ON_CLUSTER, '%s'],
  'metadata.recovery.strategy': [ON_CLUSTER, 'begins anew from bootstrap.servers'],
  'metric.reporters': [REPORTERS, 'may be an object, and is closed'],
  'metrics.num.samples': [REPORTERS, 'over how many windows of which length'],
  'metrics.recording.level': [REPORTERS, 'say which level is recorded'],
  'metrics.sample.window.ms': [REPORTERS, 'over how many windows of which length'],
  'partition.assignment.strategy': [MEMBERS, 'a group takes the first that all have'],
  'receive.buffer.bytes': [HERE, 'leave the buffers of sockets to the machine'],
  'reconnect.backoff.max.ms': [ON_CLUSTER, 'double the wait after each failed attempt'],
  'reconnect.backoff.ms': [ON_CLUSTER, 'every wait is the first'],
  'request.timeout.ms': [ON_CLUSTER, 'end the wait for one answer'],
  'retry.backoff.max.ms': [ON_CLUSTER, 'double the wait from the first to the second'],
  'retry.backoff.ms': [ON_CLUSTER, 'double the wait from the first to the second'],
  'security.protocol': [HERE, 'say that only PLAINTEXT is there'],
  'send.buffer.bytes': [HERE, 'leave the buffers of sockets to the machine'],
  'session.timeout.ms': [MEMBERS, '%s'],
  'socket.connection.setup.timeout.max.ms': [ON_CLUSTER, 'a connection that does not come about'],
  'socket.connection.setup.timeout.ms': [ON_CLUSTER, 'a connection that does not come about'],
  'value.deserializer': [CONSUMER, 'gives plug-ins the client id'],
}

describe("Kafka's settings of a consumer", () => {
  it('are all known here, and no others', () => {
    expect(CONSUMER_CONFIG.names().sort()).toEqual([...kafkas.keys()].sort())
  })

  it('have the same type, default, range and importance, but for the named deviations', () => {
    covers(
      'ConsumerConfigTest.ensureDefaultThrowOnUnsupportedStableFlagToFalse',
      'ConsumerConfigTest.testDefaultConsumerGroupConfig',
    )
    expectSameSettings(CONSUMER_CONFIG, kafkas, DEVIATIONS)
  })

  it('have each a test that shows what they do, unless they are refused', () => {
    expectShown(CONSUMER_CONFIG, SHOWN_BY)
  })

  it('are refused with a reason where they cannot work, whatever the value', () => {
    expectRefusals(CONSUMER_CONFIG, kafkas, configWith)
  })

  it("say of the broker's assignors and of share groups which protocol they are for", () => {
    covers('ConsumerConfigTest.testRemoteAssignorWithClassicGroupProtocol')
    for (const name of [
      'group.remote.assignor',
      'share.acknowledgement.mode',
      'share.acquire.mode',
    ]) {
      expect(() => configWith({ [name]: 'mine' })).toThrow(
        `'${name}' is refused: it cannot be set when group.protocol=CLASSIC`,
      )
    }
  })

  it('take only the classic group protocol, in any case', () => {
    expect(configWith({ 'group.protocol': 'Classic' }).get('group.protocol')).toBe('Classic')
    expect(() => configWith({ 'group.protocol': 'consumer' })).toThrow(/only classic.*KIP-848/)
    expect(() => configWith({ 'group.protocol': 'invalid' })).toThrow(/it must be classic/)
  })

  it('name an instance that has a name, and refuse one that is none', () => {
    covers('ConsumerConfigTest.testInvalidGroupInstanceId')
    expect(() => configWith({ 'group.instance.id': '' })).toThrow(/'group\.instance\.id'/)
    expect(() => configWith({ 'group.instance.id': 'a b' })).toThrow(/instance id/i)
    const named = configWith({ 'group.id': 'g', 'group.instance.id': 'one' })
    expect(named.get('client.id')).toBe('consumer-g-one')
  })

  it('share partitions out by range, and cooperatively where all can', () => {
    covers('ConsumerConfigTest.testDefaultPartitionAssignor')
    const names = configWith({})
      .get('partition.assignment.strategy')
      .map((choice) => (typeof choice === 'function' ? choice.name : choice))
    expect(names).toEqual(['RangeAssignor', 'CooperativeStickyAssignor'])
  })

  it('leave the buffers of sockets to the machine, for Node cannot set them', () => {
    covers(
      'KafkaConsumerTest.testOsDefaultSocketBufferSizes',
      'KafkaConsumerTest.testInvalidSocketSendBufferSize',
      'KafkaConsumerTest.testInvalidSocketReceiveBufferSize',
    )
    expectBuffersOfTheMachine(configWith)
  })

  it('take `security.protocol` in any case, and say that only PLAINTEXT is there', () => {
    expect(configWith({ 'security.protocol': 'plaintext' }).get('security.protocol')).toBe(
      'plaintext',
    )
    expect(() => configWith({ 'security.protocol': 'sasl_ssl' })).toThrow(/only PLAINTEXT/)
  })
})

const configWith = (more: object) =>
  new ConsumerConfig(
    {
      'bootstrap.servers': 'localhost:9092',
      'key.deserializer': StringDeserializer,
      'value.deserializer': StringDeserializer,
      ...more,
    },
    new SeededRandom(1),
  )
