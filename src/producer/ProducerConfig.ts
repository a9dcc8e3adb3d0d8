/**
 * The settings of a producer: Kafka's names, defaults and ranges.
 *
 * They pull against each other. A larger `batch.size` or `linger.ms` makes fewer and larger
 * requests, and records wait longer. More `buffer.memory` rides out a slower broker. `acks`,
 * `retries` and `delivery.timeout.ms` say how hard the producer tries before a record counts as
 * lost.
 *
 *     send ├────────────────── delivery.timeout.ms ──────────────────────┤ the outcome is known
 *          ├ linger.ms ┤├ request.timeout.ms ┤├ retry.backoff.ms ┤├ …
 *
 * I1  delivery.timeout.ms ≥ linger.ms + request.timeout.ms: every record has time for one attempt.
 *
 * @kafka org.apache.kafka.clients.producer.ProducerConfig
 * @simplified transactions and telemetry are not
 *   there. Java numbers producers without `client.id` in a static field; here the number is
 *   drawn.
 */

import {
  COMMON_CLIENT_CONFIGS,
  METRICS_CONFIGS,
  postProcessReconnectBackoffConfigs,
  RETRIES_DOC,
} from '../clients/CommonClientConfigs.ts'
import { AbstractConfig } from '../common/config/AbstractConfig.ts'
import { ConfigDef, type ConfigInput, type Properties } from '../common/config/ConfigDef.ts'
import { type ClassOrInstance, ofClass } from '../common/config/ConfigTypes.ts'
import {
  atLeast,
  between,
  nonEmptyString,
  validator,
  validList,
  validString,
} from '../common/config/validators.ts'
import { ConfigException } from '../common/errors.ts'
import type { Random } from '../common/Random.ts'
import type { Serializer } from '../common/serialization/Serializer.ts'
import type { SerializerSettings } from '../common/serialization/SerializerSettings.ts'
import { CompressionType } from '../record/CompressionType.ts'
import { postProcessAndValidateIdempotenceConfigs } from './internals/idempotenceConfigs.ts'
import type { Partitioner } from './Partitioner.ts'
import type { ProducerInterceptor } from './ProducerInterceptor.ts'

const MAX_INT = 2 ** 31 - 1
const NO_TRANSACTIONS = 'transactions are not there yet'

const SERIALIZER = validator('[a class or an object with `serialize`]', (value) => {
  const serializer = typeof value === 'function' ? value.prototype : value
  return typeof serializer?.serialize === 'function'
    ? undefined
    : 'it must be a Serializer: a class or an object that has the method `serialize`'
})

export const PRODUCER_CONFIG = new ConfigDef({
  ...COMMON_CLIENT_CONFIGS,
  ...METRICS_CONFIGS,
  'key.serializer': {
    type: 'class',
    of: ofClass<Serializer<never>>(),
    validator: SERIALIZER,
    importance: 'high',
    documentation: 'What makes bytes of keys: a class, or an object of it.',
  },
  'value.serializer': {
    type: 'class',
    of: ofClass<Serializer<never>>(),
    validator: SERIALIZER,
    importance: 'high',
    documentation: 'What makes bytes of values: a class, or an object of it.',
  },
  acks: {
    type: 'string',
    default: 'all',
    validator: validString('all', '-1', '0', '1'),
    importance: 'low',
    documentation:
      'Who must have a record before it counts as sent. `all` (or -1): every replica in sync, so ' +
      'it survives as long as one of them does. `1`: the leader alone. `0`: nobody is asked; the ' +
      'offset is not known, and a loss is not noticed.',
  },
  'buffer.memory': {
    type: 'long',
    default: 32 * 1024 * 1024,
    validator: atLeast(0),
    importance: 'high',
    documentation:
      'Bytes for records that wait to be sent. When they are used up, `send` waits for up to ' +
      '`max.block.ms`; as many bytes again may wait that way.',
  },
  retries: {
    type: 'int',
    default: MAX_INT,
    validator: between(0, MAX_INT),
    importance: 'high',
    documentation: `${RETRIES_DOC} The time to bound is \`delivery.timeout.ms\`.`,
  },
  'compression.type': {
    type: 'string',
    default: 'none',
    validator: validString(...CompressionType.values().map(({ name }) => name)),
    importance: 'high',
    documentation:
      'The codec that whole batches are compressed with: `none`, `gzip`, `snappy`, `lz4` or ' +
      '`zstd`. The larger the batches, the better it works. A page that wants zstd awaits ' +
      '`loadZstd()` first.',
  },
  'compression.gzip.level': {
    type: 'int',
    default: CompressionType.GZIP.defaultLevel(),
    validator: CompressionType.GZIP.levelValidator(),
    importance: 'medium',
    documentation:
      "With `compression.type=gzip`: from 1 (fast) to 9 (small); -1 is zlib's own choice.",
  },
  'compression.lz4.level': {
    type: 'int',
    default: CompressionType.LZ4.defaultLevel(),
    validator: CompressionType.LZ4.levelValidator(),
    importance: 'medium',
    documentation:
      'With `compression.type=lz4`: from 1 to 17. 9 is the fast way; every other level looks for ' +
      'longer copies, the longer the higher it is.',
  },
  'compression.zstd.level': {
    type: 'int',
    default: CompressionType.ZSTD.defaultLevel(),
    validator: CompressionType.ZSTD.levelValidator(),
    importance: 'medium',
    documentation: 'With `compression.type=zstd`: from -131072 (fast) to 22 (small).',
  },
  'batch.size': {
    type: 'int',
    default: 16_384,
    validator: atLeast(0),
    importance: 'medium',
    documentation:
      'Bytes of a batch. Memory is taken in pieces of this size, however few records come. 0 ' +
      'means a batch for every record.',
  },
  'linger.ms': {
    type: 'long',
    default: 5,
    validator: atLeast(0),
    importance: 'medium',
    documentation:
      'How long a batch that is not full waits for more records. The default was 0 before Kafka 4.',
  },
  'delivery.timeout.ms': {
    type: 'int',
    default: 120_000,
    validator: atLeast(0),
    importance: 'medium',
    documentation:
      'How long after it was put into a batch a record may be without outcome: lingering, ' +
      'in flight and in retries. At least `linger.ms` + `request.timeout.ms`.',
  },
  'max.request.size': {
    type: 'int',
    default: 1024 * 1024,
    validator: atLeast(0),
    importance: 'medium',
    documentation:
      'Bytes of a request, and so of a record before compression. The broker has limits of its ' +
      'own (`message.max.bytes`, and `max.message.bytes` of a topic).',
  },
  'max.block.ms': {
    type: 'long',
    default: 60_000,
    validator: atLeast(0),
    importance: 'medium',
    documentation: 'How long `send` and `partitionsFor` wait for metadata and memory together.',
  },
  'max.in.flight.requests.per.connection': {
    type: 'int',
    default: 5,
    validator: atLeast(1),
    importance: 'low',
    documentation:
      'Requests to one broker without answer. With more than 1 and without idempotence, a batch ' +
      'that is tried again can end up behind its successor.',
  },
  'metadata.max.idle.ms': {
    type: 'long',
    default: 5 * 60 * 1000,
    validator: atLeast(5000),
    importance: 'low',
    documentation: 'A topic that nothing was sent to for this long is forgotten.',
  },
  'partitioner.class': {
    type: 'class',
    default: null,
    of: ofClass<Partitioner<never, never>>(),
    importance: 'medium',
    documentation:
      "Chooses the partition of records that name none. Default: by the key's hash; without key, " +
      'one partition for about `batch.size` bytes, then another.',
  },
  'partitioner.adaptive.partitioning.enable': {
    type: 'boolean',
    default: true,
    importance: 'low',
    documentation: 'Without key: choose partitions of fast brokers more often.',
  },
  'partitioner.availability.timeout.ms': {
    type: 'long',
    default: 0,
    validator: atLeast(0),
    importance: 'low',
    documentation:
      'Without key: leave out partitions whose broker has taken nothing for so long. 0: never.',
  },
  'partitioner.ignore.keys': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    documentation: 'Choose partitions as if records had no keys.',
  },
  'interceptor.classes': {
    type: 'list',
    default: [],
    of: ofClass<ProducerInterceptor<never, never>>(),
    validator: validList([]),
    importance: 'low',
    documentation: 'Interceptors, in the order in which they see records: classes or objects.',
  },
  'enable.idempotence': {
    type: 'boolean',
    default: true,
    importance: 'low',
    documentation:
      'Whether every record is written exactly once, and in order: the broker drops what a retry ' +
      'sends twice. Needs `acks=all`, `retries` > 0 and at most 5 ' +
      '`max.in.flight.requests.per.connection`. Where `acks` or `retries` do not fit it is ' +
      'switched off, or an error when it was asked for.',
  },
  'transactional.id': {
    type: 'string',
    default: null,
    validator: nonEmptyString,
    importance: 'low',
    documentation: 'The name under which transactions survive a restart.',
    refused: NO_TRANSACTIONS,
  },
  'transaction.timeout.ms': {
    type: 'int',
    default: 60_000,
    importance: 'low',
    documentation: 'How long a transaction may be open before the broker aborts it.',
    refused: NO_TRANSACTIONS,
  },
  'transaction.two.phase.commit.enable': {
    type: 'boolean',
    default: false,
    importance: 'low',
    documentation: 'Whether a coordinator outside of Kafka decides how a transaction ends.',
    refused: NO_TRANSACTIONS,
  },
})

type Plugins = 'key.serializer' | 'value.serializer' | 'partitioner.class' | 'interceptor.classes'

/** What a program writes. Keys and values have the types of their serializers. */
export type ProducerConfigInput<K, V> = Omit<ConfigInput<typeof PRODUCER_CONFIG>, Plugins> &
  SerializerSettings & {
    readonly 'key.serializer': ClassOrInstance<Serializer<K>>
    readonly 'value.serializer': ClassOrInstance<Serializer<V>>
    readonly 'partitioner.class'?: ClassOrInstance<Partitioner<NoInfer<K>, NoInfer<V>>> | null
    readonly 'interceptor.classes'?: readonly ClassOrInstance<
      ProducerInterceptor<NoInfer<K>, NoInfer<V>>
    >[]
  }

export class ProducerConfig extends AbstractConfig<typeof PRODUCER_CONFIG> {
  /**
   * @param originals the settings as written; from a file or a command line they may be of any
   * shape
   */
  constructor(originals: ProducerConfigInput<never, never> | Properties) {
    super(PRODUCER_CONFIG, originals as Properties)
  }

  /** `client.id`, or a name of its own. */
  clientId(random: Random): string {
    return this.get('client.id') || `producer-${random.nextInt(2 ** 31).toString(36)}`
  }

  /** -1, 0 or 1. */
  acks(): number {
    const acks = this.get('acks')
    return acks === 'all' ? -1 : Number(acks)
  }

  /** Whether the program itself wrote this setting. */
  isGiven(key: string): boolean {
    return Object.hasOwn(this.originals(), key)
  }

  protected override postProcessParsedConfig(values: Properties): Properties {
    const originals = this.originals()
    return {
      ...postProcessReconnectBackoffConfigs(originals, values),
      ...postProcessAndValidateIdempotenceConfigs(originals, values),
    }
  }
}

/**
 * `delivery.timeout.ms`, with I1 checked.
 *
 * @param warn told when the default had to be raised
 * @throws ConfigException when the program chose it too short
 */
export const configureDeliveryTimeout = (
  config: ProducerConfig,
  warn: (message: string) => void,
): number => {
  const deliveryTimeoutMs = config.get('delivery.timeout.ms')
  const lingerMs = config.get('linger.ms')
  const requestTimeoutMs = config.get('request.timeout.ms')
  const leastMs = Math.min(lingerMs + requestTimeoutMs, MAX_INT)
  if (deliveryTimeoutMs >= leastMs) return deliveryTimeoutMs
  const rule =
    `'delivery.timeout.ms' must be at least 'linger.ms' (${lingerMs}) + ` +
    `'request.timeout.ms' (${requestTimeoutMs})`
  if (config.isGiven('delivery.timeout.ms')) {
    throw new ConfigException(
      `Invalid value ${deliveryTimeoutMs} for configuration 'delivery.timeout.ms': ${rule}`,
    )
  }
  warn(`${rule}. Its default is raised to ${leastMs} ms.`)
  return leastMs
}
