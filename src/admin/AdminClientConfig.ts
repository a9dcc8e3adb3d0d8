/**
 * The settings of an admin client: Kafka's names, defaults and ranges.
 *
 *     the call ├─────────────── default.api.timeout.ms ────────────────┤ its deadline
 *              ├ request.timeout.ms ┤├ retry.backoff.ms ┤├ request.…
 *
 * I1  default.api.timeout.ms ≥ request.timeout.ms: every call has time for one request.
 *
 * @kafka org.apache.kafka.clients.admin.AdminClientConfig
 * @simplified no `bootstrap.controllers` (KIP-919, talking past the brokers to the controllers);
 *   telemetry is left out. Java numbers clients without `client.id` in a static
 *   field; here the number is drawn.
 */

import {
  COMMON_CLIENT_CONFIGS,
  DEFAULT_API_TIMEOUT_MS_DOC,
  METRICS_CONFIGS,
  postProcessReconnectBackoffConfigs,
  RETRIES_DOC,
} from '../clients/CommonClientConfigs.ts'
import { AbstractConfig } from '../common/config/AbstractConfig.ts'
import { ConfigDef, type ConfigInput, type Properties } from '../common/config/ConfigDef.ts'
import { atLeast, between } from '../common/config/validators.ts'
import { ConfigException } from '../common/errors.ts'
import type { Random } from '../common/Random.ts'

const MAX_INT = 2 ** 31 - 1

export const ADMIN_CLIENT_CONFIG = new ConfigDef({
  ...COMMON_CLIENT_CONFIGS,
  ...METRICS_CONFIGS,
  // Shorter than producer's and consumer's: an admin client is idle most of the time.
  'connections.max.idle.ms': {
    type: 'long',
    default: 5 * 60 * 1000,
    importance: 'medium',
    documentation: 'A connection that was not used for this long is closed.',
  },
  retries: {
    type: 'int',
    default: MAX_INT,
    validator: between(0, MAX_INT),
    importance: 'low',
    documentation: `${RETRIES_DOC} The time to bound is \`default.api.timeout.ms\`.`,
  },
  'default.api.timeout.ms': {
    type: 'int',
    default: 60_000,
    validator: atLeast(0),
    importance: 'medium',
    documentation: DEFAULT_API_TIMEOUT_MS_DOC,
  },
})

/** What a program writes. */
export type AdminConfigInput = ConfigInput<typeof ADMIN_CLIENT_CONFIG>

export class AdminClientConfig extends AbstractConfig<typeof ADMIN_CLIENT_CONFIG> {
  /**
   * @param originals the settings as written; from a file or a command line they may be of any
   * shape
   */
  constructor(originals: AdminConfigInput | Properties) {
    super(ADMIN_CLIENT_CONFIG, originals)
  }

  /** `client.id`, or a name of its own. */
  clientId(random: Random): string {
    return this.get('client.id') || `adminclient-${random.nextInt(2 ** 31).toString(36)}`
  }

  protected override postProcessParsedConfig(values: Properties): Properties {
    return postProcessReconnectBackoffConfigs(this.originals(), values)
  }
}

/**
 * `default.api.timeout.ms`, with I1 checked.
 *
 * @param warn told when the default had to be raised
 * @throws ConfigException when the program chose it too short
 */
export const configureDefaultApiTimeoutMs = (
  config: AdminClientConfig,
  warn: (message: string) => void,
): number => {
  const requestTimeoutMs = config.get('request.timeout.ms')
  const defaultApiTimeoutMs = config.get('default.api.timeout.ms')
  if (defaultApiTimeoutMs >= requestTimeoutMs) return defaultApiTimeoutMs
  if (Object.hasOwn(config.originals(), 'default.api.timeout.ms')) {
    throw new ConfigException(
      `Invalid value ${defaultApiTimeoutMs} for configuration 'default.api.timeout.ms': it must ` +
        `not be smaller than 'request.timeout.ms', which is ${requestTimeoutMs}. Set both.`,
    )
  }
  warn(
    `'request.timeout.ms' (${requestTimeoutMs}) is above the default of ` +
      `'default.api.timeout.ms' (${defaultApiTimeoutMs}), which is raised to it.`,
  )
  return requestTimeoutMs
}
