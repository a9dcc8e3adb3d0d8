/**
 * The consumer's settings: Kafka's names, types, defaults and limits.
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerConfig
 * @simplified the generated client id ends in a number drawn from the environment's `Random`: there
 *   is no counter in the process. TLS, SASL, KIP-848 and share groups are refused.
 */

import {
  COMMON_CLIENT_CONFIGS,
  DEFAULT_API_TIMEOUT_MS_DOC,
  METRICS_CONFIGS,
  postProcessReconnectBackoffConfigs,
} from '../clients/CommonClientConfigs.ts'
import { validateGroupInstanceId } from '../clients/JoinGroupRequest.ts'
import { AbstractConfig } from '../common/config/AbstractConfig.ts'
import { ConfigDef, type ConfigInput, type Properties } from '../common/config/ConfigDef.ts'
import { type ClassOrInstance, ofClass } from '../common/config/ConfigTypes.ts'
import {
  atLeast,
  type Validator,
  validator,
  validList,
  validString,
} from '../common/config/validators.ts'
import { InvalidConfigurationException } from '../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../common/errors.ts'
import type { Random } from '../common/Random.ts'
import type { Deserializer } from '../common/serialization/Deserializer.ts'
import type { DeserializerSettings } from '../common/serialization/SerializerSettings.ts'
import type { ConsumerInterceptor } from './ConsumerInterceptor.ts'
import { AutoOffsetResetStrategy } from './internals/AutoOffsetResetStrategy.ts'
import { GROUP_CONFIGS } from './internals/GroupConfigs.ts'

const autoOffsetReset: Validator = validator(AutoOffsetResetStrategy.ALLOWED, (value) => {
  try {
    AutoOffsetResetStrategy.fromString(String(value))
    return undefined
  } catch (error) {
    if (!(error instanceof IllegalArgumentException)) throw error
    return `${error.message} It must be earliest, latest, none or by_duration:<PnDTnHnMn.nS>`
  }
})

export const CONSUMER_CONFIG = new ConfigDef({
  ...COMMON_CLIENT_CONFIGS,
  ...METRICS_CONFIGS,
  ...GROUP_CONFIGS,
  'client.id': { ...COMMON_CLIENT_CONFIGS['client.id'], importance: 'low' },
  'key.deserializer': {
    type: 'class',
    of: ofClass<Deserializer<unknown>>(),
    importance: 'high',
    documentation: 'What turns the bytes of keys back into values: a `Deserializer`, or its class.',
  },
  'value.deserializer': {
    type: 'class',
    of: ofClass<Deserializer<unknown>>(),
    importance: 'high',
    documentation:
      'What turns the bytes of values back into values: a `Deserializer`, or its class.',
  },
  'fetch.min.bytes': {
    type: 'int',
    default: 1,
    validator: atLeast(0),
    importance: 'high',
    documentation:
      'A broker answers a fetch when it has so many bytes for it, or when `fetch.max.wait.ms` ' +
      'is over. More means fewer, larger answers, which come later.',
  },
  'fetch.max.bytes': {
    type: 'int',
    default: 50 * 1024 * 1024,
    validator: atLeast(0),
    importance: 'medium',
    documentation:
      'The most that one answer to a fetch brings. No absolute limit: if the first batch is ' +
      'larger it comes nevertheless, so that the consumer can go on.',
  },
  'fetch.max.wait.ms': {
    type: 'int',
    default: 500,
    validator: atLeast(0),
    importance: 'low',
    documentation: 'How long a broker waits for `fetch.min.bytes` before it answers with less.',
  },
  'max.partition.fetch.bytes': {
    type: 'int',
    default: 1024 * 1024,
    validator: atLeast(0),
    importance: 'high',
    documentation:
      'The most that one answer brings of one partition. As with `fetch.max.bytes`, a first ' +
      'batch comes whole.',
  },
  'max.poll.records': {
    type: 'int',
    default: 500,
    validator: atLeast(1),
    importance: 'medium',
    documentation:
      'How many records one `poll` returns at most. Fetching does not depend on it: what is ' +
      'left stays for the next `poll`.',
  },
  'auto.offset.reset': {
    type: 'string',
    default: 'latest',
    validator: autoOffsetReset,
    importance: 'medium',
    documentation:
      'Where to start when there is no offset, or the one there is has gone: `earliest`, ' +
      '`latest`, `by_duration:<ISO 8601 duration>` before now, or `none`, which is an error.',
  },
  'check.crcs': {
    type: 'boolean',
    default: true,
    importance: 'low',
    documentation:
      'Whether the checksum of every batch is computed and compared. Finds bytes that were ' +
      'damaged on a wire or a disk.',
  },
  'isolation.level': {
    type: 'string',
    default: 'read_uncommitted',
    validator: validString('read_committed', 'read_uncommitted'),
    importance: 'medium',
    documentation:
      '`read_committed` gives records of transactions only once they are committed, and nothing ' +
      'behind an open transaction; `read_uncommitted` gives everything as it was written, ' +
      'aborted records included.',
  },
  'client.rack': {
    type: 'string',
    default: '',
    importance: 'low',
    documentation: 'Where this consumer stands, so that a leader can send it to a replica near by.',
  },
  'allow.auto.create.topics': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    documentation:
      'Whether asking about a topic may create it, on brokers with `auto.create.topics.enable`.',
  },
  'exclude.internal.topics': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    documentation:
      "Whether a pattern passes over the brokers' own topics, such as `__consumer_offsets`. They " +
      'can always be subscribed to by name.',
  },
  'default.api.timeout.ms': {
    type: 'int',
    default: 60_000,
    validator: atLeast(0),
    importance: 'medium',
    documentation: DEFAULT_API_TIMEOUT_MS_DOC,
  },
  'interceptor.classes': {
    type: 'list',
    default: [],
    of: ofClass<ConsumerInterceptor<unknown, unknown>>(),
    validator: validList([]),
    importance: 'low',
    documentation:
      'What may look at, and change, the records that `poll` is about to return: ' +
      '`ConsumerInterceptor`s, or classes.',
  },
})

type Plugins = 'key.deserializer' | 'value.deserializer' | 'interceptor.classes'

/** What a program writes. `K` and `V` follow from the deserializers. */
export type ConsumerConfigInput<K, V> = Omit<ConfigInput<typeof CONSUMER_CONFIG>, Plugins> &
  DeserializerSettings & {
    readonly 'key.deserializer': ClassOrInstance<Deserializer<K>>
    readonly 'value.deserializer': ClassOrInstance<Deserializer<V>>
    readonly 'interceptor.classes'?: readonly ClassOrInstance<ConsumerInterceptor<K, V>>[]
  }

export class ConsumerConfig extends AbstractConfig<typeof CONSUMER_CONFIG> {
  /**
   * @param random where the number of a generated client id comes from
   * @throws ConfigException naming key, value and allowed range
   * @throws InvalidConfigurationException when auto commit is asked for without a group
   */
  constructor(input: Properties, random: Random) {
    super(CONSUMER_CONFIG, withClientId(input, random))
  }

  protected override postProcessParsedConfig(values: Properties): Properties {
    const originals = this.originals()
    return {
      ...postProcessReconnectBackoffConfigs(originals, values),
      ...autoCommitOverride(originals, values),
    }
  }
}

/** `consumer-<group>-<instance or number>`, when the program has not chosen a name. */
const withClientId = (input: Properties, random: Random): Properties => {
  if (input['client.id']) return input
  const group = String(input['group.id'] ?? null)
  const instance = input['group.instance.id']
  // An empty one is refused when the settings are parsed.
  if (typeof instance === 'string' && instance !== '') validateGroupInstanceId(instance)
  return { ...input, 'client.id': `consumer-${group}-${instance ?? random.nextInt(1_000_000)}` }
}

/** There is nobody to commit to without a group. */
const autoCommitOverride = (originals: Properties, values: Properties): Properties => {
  if (values['group.id'] !== null) return {}
  if (!('enable.auto.commit' in originals)) return { 'enable.auto.commit': false }
  if (values['enable.auto.commit'] === true) {
    throw new InvalidConfigurationException(
      "'enable.auto.commit' cannot be set to true without 'group.id': it is for a group that " +
        'offsets are committed.',
    )
  }
  return {}
}
