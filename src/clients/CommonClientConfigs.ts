/**
 * The settings that producer, consumer and admin share: one table, spread into each client's own.
 *
 *     const CONFIG = new ConfigDef({ ...COMMON_CLIENT_CONFIGS, 'linger.ms': { … } })
 *
 * A client that has another default puts its own definition of the key behind the spread.
 *
 * @kafka org.apache.kafka.clients.CommonClientConfigs
 * @simplified `send.buffer.bytes` and `receive.buffer.bytes` are the machine's own (Node cannot set
 *   a socket's buffers); `resolve_canonical_bootstrap_servers_only`, telemetry, and all of TLS and
 *   SASL are refused.
 */

import type { Properties } from '../common/config/ConfigDef.ts'
import { defineConfigs } from '../common/config/ConfigDef.ts'
import { ofClass, ofType } from '../common/config/ConfigTypes.ts'
import { SASL_CONFIGS } from '../common/config/SaslConfigs.ts'
import { SSL_CONFIGS } from '../common/config/SslConfigs.ts'
import {
  atLeast,
  caseInsensitiveValidString,
  validator,
  validList,
  validString,
} from '../common/config/validators.ts'
import type { Logger } from '../common/Logger.ts'
import { DiagnosticsReporter } from '../common/metrics/DiagnosticsReporter.ts'
import { MetricConfig } from '../common/metrics/MetricConfig.ts'
import type { MetricsReporter } from '../common/metrics/MetricsReporter.ts'

/** What a wait is multiplied by after each failure. */
export const RETRY_BACKOFF_EXP_BASE = 2
/** How far a wait may be off, as a part of it. */
export const RETRY_BACKOFF_JITTER = 0.2

/** What the machine resolves a name to is tried in turn by the socket itself. */
const DNS_LOOKUP = validator('[use_all_dns_ips]', (value) => {
  if (value === 'use_all_dns_ips') return undefined
  return value === 'resolve_canonical_bootstrap_servers_only'
    ? 'only use_all_dns_ips is there yet; canonical names are wanted by Kerberos alone'
    : 'it must be use_all_dns_ips'
})

/** -1 is the same here as in Java. Any other size would be a promise that nobody keeps. */
const MACHINES_OWN_BUFFER = validator('[-1]', (value) =>
  value === -1
    ? undefined
    : "it must be -1, the machine's own size: Node cannot set the buffers of a socket",
)

const NO_TELEMETRY = validator('[false]', (value) =>
  value === false
    ? undefined
    : 'it must be false: metrics cannot be pushed to the broker (KIP-714), only read here',
)

const SECURITY_PROTOCOL = validator('[PLAINTEXT]', (value) =>
  String(value).toUpperCase() === 'PLAINTEXT'
    ? undefined
    : 'only PLAINTEXT is there yet; TLS and SASL come with security',
)

export const COMMON_CLIENT_CONFIGS = defineConfigs({
  'bootstrap.servers': {
    type: 'list',
    validator: validList([], { emptyAllowed: false }),
    importance: 'high',
    documentation:
      'Where to ask first: `host1:port1,host2:port2`. Any broker of the cluster will do, for ' +
      'each knows all the others; more than one helps when that one is down.',
  },
  'client.dns.lookup': {
    type: 'string',
    default: 'use_all_dns_ips',
    of: ofType<'use_all_dns_ips'>(),
    validator: DNS_LOOKUP,
    importance: 'medium',
    documentation:
      'How host names become addresses. `use_all_dns_ips`: the addresses of a name are tried in ' +
      'turn until one answers.',
  },
  'client.id': {
    type: 'string',
    default: '',
    importance: 'medium',
    documentation:
      "Goes along with every request, so that a broker's log and quotas can tell programs apart.",
  },
  'metadata.max.age.ms': {
    type: 'long',
    default: 5 * 60 * 1000,
    validator: atLeast(0),
    importance: 'low',
    documentation:
      'After this time metadata is asked for again even if nothing went wrong: new brokers and ' +
      'partitions are found that way.',
  },
  'metadata.recovery.strategy': {
    type: 'string',
    default: 'rebootstrap',
    validator: caseInsensitiveValidString('none', 'rebootstrap'),
    importance: 'low',
    documentation:
      'What to do when no known broker can be reached. `rebootstrap`: start again from ' +
      '`bootstrap.servers`, for all brokers may have moved. `none`: go on trying the known ones.',
  },
  'metadata.recovery.rebootstrap.trigger.ms': {
    type: 'long',
    default: 300 * 1000,
    validator: atLeast(0),
    importance: 'low',
    documentation:
      'With `metadata.recovery.strategy=rebootstrap`: how long metadata may fail to come before ' +
      'the client starts again from `bootstrap.servers`.',
  },
  'reconnect.backoff.ms': {
    type: 'long',
    default: 50,
    validator: atLeast(0),
    importance: 'low',
    documentation:
      'How long to wait before connecting again to a node that was lost. Doubles with each ' +
      'failure, up to `reconnect.backoff.max.ms`.',
  },
  'reconnect.backoff.max.ms': {
    type: 'long',
    default: 1000,
    validator: atLeast(0),
    importance: 'low',
    documentation:
      'The longest wait before connecting again. Each wait is up to 20 % longer or shorter by ' +
      'chance, and never above this.',
  },
  'retry.backoff.ms': {
    type: 'long',
    default: 100,
    validator: atLeast(0),
    importance: 'low',
    documentation:
      'How long to wait before a failed request is tried again. Doubles with each failure, up to ' +
      '`retry.backoff.max.ms`.',
  },
  'retry.backoff.max.ms': {
    type: 'long',
    default: 1000,
    validator: atLeast(0),
    importance: 'low',
    documentation:
      'The longest wait before a failed request is tried again. Each wait is 20 % longer or ' +
      'shorter by chance. Below `retry.backoff.ms` it is the wait from the beginning.',
  },
  'request.timeout.ms': {
    type: 'int',
    default: 30_000,
    validator: atLeast(0),
    importance: 'medium',
    documentation:
      'How long to wait for the response to a request. After it the connection is closed, and ' +
      'the request fails or is tried again.',
  },
  'socket.connection.setup.timeout.ms': {
    type: 'long',
    default: 10_000,
    importance: 'medium',
    documentation:
      'How long a connection may take to be made. Doubles with each failure, up to ' +
      '`socket.connection.setup.timeout.max.ms`.',
  },
  'socket.connection.setup.timeout.max.ms': {
    type: 'long',
    default: 30_000,
    importance: 'medium',
    documentation:
      'The longest time a connection may take to be made. Each is up to 20 % longer or shorter ' +
      'by chance, and never above this.',
  },
  'connections.max.idle.ms': {
    type: 'long',
    default: 9 * 60 * 1000,
    importance: 'medium',
    documentation: 'A connection that was not used for this long is closed.',
  },
  'send.buffer.bytes': {
    type: 'int',
    default: -1,
    validator: MACHINES_OWN_BUFFER,
    importance: 'medium',
    documentation:
      "The machine's buffer for what a socket sends. Only -1, the machine's own size: Node " +
      'cannot set it.',
  },
  'receive.buffer.bytes': {
    type: 'int',
    default: -1,
    validator: MACHINES_OWN_BUFFER,
    importance: 'medium',
    documentation:
      "The machine's buffer for what a socket receives. Only -1, the machine's own size: Node " +
      'cannot set it.',
  },
  'enable.metrics.push': {
    type: 'boolean',
    default: false,
    validator: NO_TELEMETRY,
    importance: 'low',
    documentation:
      'Whether metrics are pushed to the broker when it asks for them (KIP-714). Only `false`: ' +
      'the program can read them itself.',
  },
  'config.providers': {
    type: 'list',
    default: [],
    validator: validList([]),
    importance: 'low',
    documentation: 'Classes that fetch values of settings from files or vaults.',
    refused: 'it names classes of the JVM. Fetch the values in your program and pass them',
  },
  'security.protocol': {
    type: 'string',
    default: 'PLAINTEXT',
    validator: SECURITY_PROTOCOL,
    importance: 'medium',
    documentation: 'How to speak to brokers. Only PLAINTEXT is there yet.',
  },
  'security.providers': {
    type: 'string',
    default: null,
    importance: 'low',
    documentation: 'Classes that implement algorithms of TLS and SASL.',
    refused: 'it names classes of the JVM',
  },
  ...SSL_CONFIGS,
  ...SASL_CONFIGS,
})

/** The settings of metrics, for the clients that have them. */
export const METRICS_CONFIGS = defineConfigs({
  'metrics.sample.window.ms': {
    type: 'long',
    default: 30_000,
    validator: atLeast(0),
    importance: 'low',
    documentation: 'After how long a sample of a metric is complete, and the next one begins.',
  },
  'metrics.num.samples': {
    type: 'int',
    default: MetricConfig.DEFAULT_NUM_SAMPLES,
    validator: atLeast(1),
    importance: 'low',
    documentation: 'How many samples a metric is computed from.',
  },
  'metrics.recording.level': {
    type: 'string',
    default: 'INFO',
    validator: validString('INFO', 'DEBUG', 'TRACE'),
    importance: 'low',
    documentation: 'The finest level of metrics that is recorded.',
  },
  'metric.reporters': {
    type: 'list',
    default: [DiagnosticsReporter],
    of: ofClass<MetricsReporter>(),
    validator: validList([]),
    importance: 'low',
    documentation:
      "Who brings metrics elsewhere: classes or objects. The default publishes them on Node's " +
      'diagnostics channels; in a browser it does nothing.',
  },
})

/** `retries`, for the clients that have it. */
export const RETRIES_DOC =
  'How often a failed request is tried again. Leave it at its default and bound the time ' +
  'instead; 0 means that the first failure is final.'

/** `default.api.timeout.ms`, for the clients that have it. */
export const DEFAULT_API_TIMEOUT_MS_DOC =
  'How long a call may take in all, retries included, unless the call names a time of its own.'

/**
 * For `AbstractConfig.postProcessParsedConfig`: whoever sets `reconnect.backoff.ms` alone wants
 * that wait, always, and not one that grows to a maximum they never chose.
 */
export const postProcessReconnectBackoffConfigs = (
  originals: Properties,
  parsed: Properties,
): Properties =>
  Object.hasOwn(originals, 'reconnect.backoff.ms') &&
  !Object.hasOwn(originals, 'reconnect.backoff.max.ms')
    ? { 'reconnect.backoff.max.ms': parsed['reconnect.backoff.ms'] }
    : {}

/** Says so when a maximum below its start makes every wait the same. */
export const warnDisablingExponentialBackoff = (values: Properties, logger: Logger): void => {
  const pairs = [
    ['retry.backoff.ms', 'retry.backoff.max.ms', 'back-off'],
    [
      'socket.connection.setup.timeout.ms',
      'socket.connection.setup.timeout.max.ms',
      'connection set-up time-out',
    ],
  ] as const
  for (const [start, max, what] of pairs) {
    if (Number(values[start]) > Number(values[max])) {
      logger.warn(
        `'${start}' is ${values[start]}, above '${max}', which is ${values[max]}: ` +
          `the ${what} is ${values[max]} ms from the beginning and does not grow.`,
      )
    }
  }
}
