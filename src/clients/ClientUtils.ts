/**
 * What every client does when it is made: read its addresses, and put its network stack together.
 *
 * @kafka org.apache.kafka.clients.ClientUtils
 */

import type { ValuesOf } from '../common/config/ConfigTypes.ts'
import { ConfigException } from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import type { Sensor } from '../common/metrics/Sensor.ts'
import type { Trace } from '../common/Trace.ts'
import type { Environment } from '../network/Environment.ts'
import { PlaintextChannelBuilder } from '../network/PlaintextChannelBuilder.ts'
import { Selector } from '../network/Selector.ts'
import type { SelectorMetricsOptions } from '../network/SelectorMetrics.ts'
import type { ApiVersions } from './ApiVersions.ts'
import type { COMMON_CLIENT_CONFIGS } from './CommonClientConfigs.ts'
import type { HostAndPort } from './HostAndPort.ts'
import { type HostResolver, UnknownHostException } from './HostResolver.ts'
import type { Metadata } from './Metadata.ts'
import { metadataRecoveryStrategyOf } from './MetadataRecoveryStrategy.ts'
import type { MetadataUpdater } from './MetadataUpdater.ts'
import { NetworkClient } from './NetworkClient.ts'

/** `kafka-1:9092`, `[::1]:9092`, `PLAINTEXT://kafka-1:9092`. */
const HOST_AND_PORT = /^(?:[\w\-%.]*:\/\/)?\[?([\w\-%.:]*)\]?:(\d+)$/

/**
 * Reads `bootstrap.servers`.
 *
 * @param resolver asked whether a name can be resolved; default: it is found out when connecting
 * @throws ConfigException for a text that is no address, and when none is left
 */
export const parseAndValidateAddresses = (
  urls: readonly string[],
  logger: Logger,
  resolver?: HostResolver,
): HostAndPort[] => {
  const addresses: HostAndPort[] = []
  for (const url of urls) {
    if (url === '') continue
    const address = parseAddress(url)
    if (canBeResolved(address.host, resolver)) addresses.push(address)
    else logger.warn(`Couldn't resolve server ${url} from bootstrap.servers: check the name.`)
  }
  if (addresses.length > 0) return addresses
  throw new ConfigException(
    `No resolvable bootstrap urls given in bootstrap.servers: [${urls.join(', ')}]. ` +
      "Give at least one 'host:port' whose name this machine can resolve.",
  )
}

const parseAddress = (url: string): HostAndPort => {
  const [, host = '', port = ''] = HOST_AND_PORT.exec(url) ?? []
  if (port === '') {
    throw new ConfigException(
      `Invalid url in bootstrap.servers: '${url}'. Write 'host:port', as in 'localhost:9092'.`,
    )
  }
  if (Number(port) > 65_535) {
    throw new ConfigException(
      `Invalid port in bootstrap.servers: '${url}'. A port is a number from 0 to 65535.`,
    )
  }
  return { host: host === '' ? 'localhost' : host, port: Number(port) }
}

const canBeResolved = (host: string, resolver: HostResolver | undefined): boolean => {
  try {
    return resolver === undefined || resolver.resolve(host).length > 0
  } catch (error) {
    if (error instanceof UnknownHostException) return false
    throw error
  }
}

/** The settings that the network stack of any client reads. */
export interface NetworkClientConfig {
  get<K extends keyof ValuesOf<typeof COMMON_CLIENT_CONFIGS>>(
    key: K,
  ): ValuesOf<typeof COMMON_CLIENT_CONFIGS>[K]
}

export interface CreateNetworkClientOptions {
  readonly config: NetworkClientConfig
  readonly clientId: string
  readonly environment: Environment
  /** Of this client, with its prefix. */
  readonly logger: Logger
  readonly trace: Trace
  readonly apiVersions: ApiVersions
  readonly maxInFlightRequestsPerConnection: number
  /** Where the nodes come from: a picture that is kept up to date … */
  readonly metadata?: Metadata
  /** … or whoever else knows them. */
  readonly metadataUpdater?: MetadataUpdater
  /** Default: `request.timeout.ms`. */
  readonly requestTimeoutMs?: number
  /** The longest response that is read, bytes. Default: `MAX_RESPONSE_BYTES`. */
  readonly maxResponseBytes?: number
  readonly hostResolver?: HostResolver
  /** What connections record. Default: nothing. */
  readonly metrics?: SelectorMetricsOptions
  readonly throttleTimeSensor?: Sensor
}

/**
 * 100 MiB. Java's client has no limit. One is needed: the first four bytes of whatever answers are
 * taken for a length, and `HTTP` is a length of 1.2 GB.
 */
export const MAX_RESPONSE_BYTES = 100 * 1024 * 1024

/** A `NetworkClient` on a `Selector` of its own. */
export const createNetworkClient = (options: CreateNetworkClientOptions): NetworkClient => {
  const { config, environment, logger, trace } = options
  const { time, random, network } = environment
  const selector = new Selector({
    time,
    network,
    channelBuilder: new PlaintextChannelBuilder(),
    maxReceiveSize: options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
    connectionMaxIdleMs: config.get('connections.max.idle.ms'),
    ...(options.metrics && { metrics: options.metrics }),
    logger,
    trace,
  })
  return new NetworkClient({
    selector,
    ...(options.metadata && { metadata: options.metadata }),
    ...(options.metadataUpdater && { metadataUpdater: options.metadataUpdater }),
    ...(options.hostResolver && { hostResolver: options.hostResolver }),
    ...(options.throttleTimeSensor && { throttleTimeSensor: options.throttleTimeSensor }),
    clientId: options.clientId,
    maxInFlightRequestsPerConnection: options.maxInFlightRequestsPerConnection,
    reconnectBackoffMs: config.get('reconnect.backoff.ms'),
    reconnectBackoffMaxMs: config.get('reconnect.backoff.max.ms'),
    defaultRequestTimeoutMs: options.requestTimeoutMs ?? config.get('request.timeout.ms'),
    connectionSetupTimeoutMs: config.get('socket.connection.setup.timeout.ms'),
    connectionSetupTimeoutMaxMs: config.get('socket.connection.setup.timeout.max.ms'),
    rebootstrapTriggerMs: config.get('metadata.recovery.rebootstrap.trigger.ms'),
    metadataRecoveryStrategy: metadataRecoveryStrategyOf(config.get('metadata.recovery.strategy')),
    apiVersions: options.apiVersions,
    time,
    random,
    logger,
    trace,
  })
}
