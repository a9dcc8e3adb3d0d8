/**
 * Every setting of Kafka's producer against ours: name, type, default, range, importance.
 *
 * What Kafka's class says is in `test/golden/configurations.json`, written by that class. Where
 * ours says something else it stands below with the reason; nothing else may differ, and a
 * deviation that is none any more fails too.
 */

import { describe, expect, it } from 'vitest'
import { ConfigException } from '../../src/common/errors.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { PRODUCER_CONFIG, ProducerConfig } from '../../src/producer/ProducerConfig.ts'
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

const kafkas = factsOf('producer')

const PLUG_IN = 'a plug-in is checked when it is given, not when it is called first'

/** By setting: what differs, and why. */
const DEVIATIONS: Deviations = {
  'client.dns.lookup': {
    differs: ['range'],
    because: 'canonical names serve Kerberos alone, which is not there yet',
  },
  'enable.metrics.push': { differs: ['default', 'range'], because: 'no telemetry (KIP-714)' },
  'metric.reporters': { differs: ['default'], because: A_CLASS },
  'key.serializer': { differs: ['range'], because: PLUG_IN },
  'receive.buffer.bytes': { differs: ['default', 'range'], because: MACHINES_OWN },
  'sasl.oauthbearer.jwt.retriever.class': { differs: ['default'], because: A_CLASS },
  'sasl.oauthbearer.jwt.validator.class': { differs: ['default'], because: A_CLASS },
  'security.protocol': { differs: ['range'], because: 'TLS and SASL come with security' },
  'send.buffer.bytes': { differs: ['default', 'range'], because: MACHINES_OWN },
  'value.serializer': { differs: ['range'], because: PLUG_IN },
}

const PRODUCER = 'producer/KafkaProducer.test.ts'
const RULES = 'producer/sendingRules.test.ts'
const AT_WORK = 'producer/settingsAtWork.test.ts'
const ON_CLUSTER = 'cluster/producerSettings.test.ts'
const IDEMPOTENCE = 'producer/SenderIdempotence.test.ts'
const METRICS = 'producer/producerMetrics.test.ts'
const PARTITIONER = 'cluster/partitionerSettings.test.ts'
const HERE = 'producer/settingsOfKafka.test.ts'

/** By setting that works: the test that shows what it does, by file and a part of its name. */
const SHOWN_BY: ShownBy = {
  acks: [AT_WORK, '%s is %i in the request'],
  'batch.size': [AT_WORK, 'holds as many records as fit'],
  'bootstrap.servers': [ON_CLUSTER, 'may name addresses where nobody is'],
  'buffer.memory': [RULES, 'is bounded by another buffer.memory bytes'],
  'client.dns.lookup': ['network/nio/TcpNetwork.test.ts', 'leads to the one that answers'],
  'client.id': [ON_CLUSTER, 'goes along with every request'],
  'compression.gzip.level': [AT_WORK, 'works harder at a higher level'],
  'compression.lz4.level': [AT_WORK, 'works harder at a higher level'],
  'compression.type': [AT_WORK, 'compresses whole batches'],
  'compression.zstd.level': [AT_WORK, 'works harder at a higher level'],
  'connections.max.idle.ms': [ON_CLUSTER, 'closes a connection that nobody uses'],
  'delivery.timeout.ms': [ON_CLUSTER, 'the record is tried again until delivery.timeout.ms'],
  'enable.idempotence': [IDEMPOTENCE, 'has producer id, epoch and sequence'],
  'enable.metrics.push': [HERE, 'do not push metrics'],
  'interceptor.classes': [PRODUCER, 'see records before they are sent'],
  'key.serializer': [PRODUCER, 'are made of classes, told the settings'],
  'linger.ms': [PRODUCER, 'batches single sends by linger.ms'],
  'max.block.ms': [PRODUCER, 'fails the send after max.block.ms'],
  'max.in.flight.requests.per.connection': [ON_CLUSTER, 'lets %i requests wait'],
  'max.request.size': [PRODUCER, 'above max.request.size is refused'],
  'metadata.max.age.ms': [ON_CLUSTER, 'is how often an idle producer asks again'],
  'metadata.max.idle.ms': [PRODUCER, 'is asked for again when the topic was forgotten'],
  'metadata.recovery.rebootstrap.trigger.ms': [ON_CLUSTER, 'metadata has not come for so long'],
  'metadata.recovery.strategy': [ON_CLUSTER, 'begins anew from bootstrap.servers'],
  'metric.reporters': [METRICS, 'may be an object, and is closed'],
  'metrics.num.samples': [METRICS, 'over how many windows of which length'],
  'metrics.recording.level': [METRICS, 'say which level is recorded'],
  'metrics.sample.window.ms': [METRICS, 'over how many windows of which length'],
  'partitioner.adaptive.partitioning.enable': [PARTITIONER, 'a slow broker gets less'],
  'partitioner.availability.timeout.ms': [PARTITIONER, 'a broker that takes nothing'],
  'partitioner.class': [PRODUCER, 'goes where the partitioner says'],
  'partitioner.ignore.keys': [ON_CLUSTER, 'spreads records of one key'],
  'receive.buffer.bytes': [HERE, 'leave the buffers of sockets to the machine'],
  'reconnect.backoff.max.ms': [ON_CLUSTER, 'double the wait after each failed attempt'],
  'reconnect.backoff.ms': [ON_CLUSTER, 'every wait is the first'],
  'request.timeout.ms': [ON_CLUSTER, 'ends the wait for an answer'],
  retries: [AT_WORK, 'is how often a record is tried again'],
  'retry.backoff.max.ms': [AT_WORK, 'double the wait from the first to the second'],
  'retry.backoff.ms': [AT_WORK, 'double the wait from the first to the second'],
  'security.protocol': [HERE, 'say that only PLAINTEXT is there'],
  'send.buffer.bytes': [HERE, 'leave the buffers of sockets to the machine'],
  'socket.connection.setup.timeout.max.ms': [ON_CLUSTER, 'a connection that does not come about'],
  'socket.connection.setup.timeout.ms': [ON_CLUSTER, 'a connection that does not come about'],
  'value.serializer': [PRODUCER, 'are made of classes, told the settings'],
}

describe("Kafka's settings of a producer", () => {
  it('are all known here, and no others', () => {
    expect(PRODUCER_CONFIG.names().sort()).toEqual([...kafkas.keys()].sort())
  })

  it('have the same type, default, range and importance, but for the named deviations', () => {
    expectSameSettings(PRODUCER_CONFIG, kafkas, DEVIATIONS)
  })

  it('have each a test that shows what they do, unless they are refused', () => {
    expectShown(PRODUCER_CONFIG, SHOWN_BY)
  })

  it('are refused with a reason where they cannot work, whatever the value', () => {
    expectRefusals(PRODUCER_CONFIG, kafkas, configWith)
  })

  it('take a refused setting with the value that it has anyway', () => {
    const config = configWith({
      'ssl.keystore.location': null,
      'ssl.enabled.protocols': 'TLSv1.2,TLSv1.3',
      'transaction.two.phase.commit.enable': ' false ',
      'transactional.id': null,
      'config.providers': [],
      'enable.metrics.push': 'false',
      'send.buffer.bytes': '-1',
      'receive.buffer.bytes': -1,
    })
    expect(config.get('ssl.enabled.protocols')).toEqual(['TLSv1.2', 'TLSv1.3'])
    expect(config.get('transaction.two.phase.commit.enable')).toBe(false)
  })

  it('leave the buffers of sockets to the machine, for Node cannot set them', () => {
    covers(
      'KafkaProducerTest.testOsDefaultSocketBufferSizes',
      'KafkaProducerTest.testInvalidSocketSendBufferSize',
      'KafkaProducerTest.testInvalidSocketReceiveBufferSize',
    )
    expectBuffersOfTheMachine(configWith)
  })

  it('say of a value of Kafka’s that cannot work why not', () => {
    const canonical = { 'client.dns.lookup': 'resolve_canonical_bootstrap_servers_only' }
    expect(() => configWith(canonical)).toThrow(ConfigException)
    expect(() => configWith(canonical)).toThrow(/wanted by Kerberos alone/)
    expect(() => configWith({ 'client.dns.lookup': 'default' })).toThrow(/it must be use_all/)
  })

  it('do not push metrics to the broker, and say so when asked to', () => {
    expect(configWith({ 'enable.metrics.push': false }).get('enable.metrics.push')).toBe(false)
    expect(() => configWith({ 'enable.metrics.push': true })).toThrow(/KIP-714/)
  })

  it('take `security.protocol` in any case, and say that only PLAINTEXT is there', () => {
    covers('ProducerConfigTest.testCaseInsensitiveSecurityProtocol')
    expect(configWith({ 'security.protocol': 'plaintext' }).get('security.protocol')).toBe(
      'plaintext',
    )
    for (const protocol of ['SSL', 'SASL_SSL', 'sasl_plaintext']) {
      expect(() => configWith({ 'security.protocol': protocol })).toThrow(/only PLAINTEXT/)
    }
  })
})

const configWith = (more: object) =>
  new ProducerConfig({
    'bootstrap.servers': 'localhost:9092',
    'key.serializer': StringSerializer,
    'value.serializer': StringSerializer,
    ...more,
  })
