/**
 * The program's own code inside a producer: interceptors, serializers, partitioner.
 *
 * Each may be written as a class, which is made here and handed the settings, or as an object,
 * which is taken as it is.
 *
 * I1  Everything that was made is closed: by `close`, or at once when a later one cannot be made.
 *
 * @kafka org.apache.kafka.clients.producer.KafkaProducer
 * @simplified a class of its own; in Java these are fields of the producer.
 */

import type { Cluster } from '../../common/Cluster.ts'
import { IllegalArgumentException, KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Partitioner } from '../Partitioner.ts'
import type { ProducerInterceptor } from '../ProducerInterceptor.ts'
import type { ProducerRecord } from '../ProducerRecord.ts'
import { ProducerInterceptors } from './ProducerInterceptors.ts'
import type { ProducerContext } from './ProducerParts.ts'
import { RecordSerializer } from './RecordSerializer.ts'

export class ProducerPlugins<K, V> {
  readonly interceptors: ProducerInterceptors<K, V>
  readonly keySerializer: RecordSerializer<K>
  readonly valueSerializer: RecordSerializer<V>
  /** `null`: by key, or the built-in one. */
  readonly partitioner: Partitioner<K, V> | null
  private readonly logger: Logger
  private readonly made: (readonly [what: string, plugin: { close?(): void }])[] = []
  /** Each with the setting that names it. */
  readonly instances: (readonly [config: string, instance: object])[] = []
  private closed = false

  constructor({ config, clientId, logger, trace }: ProducerContext) {
    this.logger = logger
    const overrides = { 'client.id': clientId }
    const configs = config.originals(overrides)
    try {
      const partitioner = config.getConfiguredInstance('partitioner.class', overrides)
      this.partitioner = partitioner as Partitioner<K, V> | null
      if (this.partitioner !== null) this.keep('partitioner', this.partitioner)
      this.keySerializer = this.keep(
        'key.serializer',
        new RecordSerializer<K>(config.get('key.serializer'), 'key', configs),
      )
      this.valueSerializer = this.keep(
        'value.serializer',
        new RecordSerializer<V>(config.get('value.serializer'), 'value', configs),
      )
      const chain = config.getConfiguredInstances('interceptor.classes', overrides)
      this.interceptors = this.keep(
        'interceptors',
        new ProducerInterceptors(chain as unknown as ProducerInterceptor<K, V>[], logger, trace),
      )
      if (this.partitioner !== null) this.instances.push(['partitioner.class', this.partitioner])
      this.instances.push(['key.serializer', this.keySerializer.serializer])
      this.instances.push(['value.serializer', this.valueSerializer.serializer])
      for (const each of chain) this.instances.push(['interceptor.classes', each])
    } catch (error) {
      this.closeAll()
      throw error
    }
  }

  /**
   * What the program's own partitioner chooses.
   *
   * @throws IllegalArgumentException for what is no partition's number
   */
  partition(
    record: ProducerRecord<K, V>,
    key: Uint8Array | null,
    value: Uint8Array | null,
    cluster: Cluster,
  ): number {
    const { topic } = record
    const chosen = this.partitioner?.partition(topic, record.key, key, record.value, value, cluster)
    if (chosen === undefined || !(Number.isInteger(chosen) && chosen >= 0)) {
      throw new IllegalArgumentException(
        `The partitioner gave an invalid partition number: ${chosen}, not 0, 1, 2 and so on.`,
      )
    }
    return chosen
  }

  /**
   * Closes all of them once, whatever one of them throws.
   *
   * @throws KafkaException because of the first that failed
   */
  close(): void {
    const failure = this.closeAll()
    if (failure === undefined) return
    throw new KafkaException('Failed to close kafka producer', { cause: failure.cause })
  }

  /** As `close`, when there is something worse to report: failures go to the log alone. */
  closeQuietly(): void {
    this.closeAll()
  }

  private keep<T extends { close?(): void }>(what: string, plugin: T): T {
    this.made.push([what, plugin])
    return plugin
  }

  private closeAll(): { readonly cause: unknown } | undefined {
    if (this.closed) return undefined
    this.closed = true
    let first: { readonly cause: unknown } | undefined
    // Interceptors first: they may want to use what the others hold.
    for (const [what, plugin] of this.made.toReversed()) {
      try {
        plugin.close?.()
      } catch (error) {
        this.logger.error(`Failed to close the ${what} of the producer`, error)
        first ??= { cause: error }
      }
    }
    return first
  }
}
