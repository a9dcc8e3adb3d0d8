/**
 * Counts by key, each a metric of its own that comes with its key: how many connections are there
 * of each client version?
 *
 * A peer chooses the keys, so there is a limit: beyond `maxEntries` a key takes the place of one
 * whose count is 0, or is not counted.
 *
 * @kafka org.apache.kafka.common.metrics.internals.IntGaugeSuite
 * @simplified metrics are added and removed at once: there is no lock to leave first.
 */

import type { Logger } from '../../Logger.ts'
import type { MetricName } from '../../MetricName.ts'
import type { Metrics } from '../Metrics.ts'

export interface IntGaugeSuiteOptions<K> {
  readonly logger: Logger
  readonly suiteName: string
  readonly metrics: Metrics
  /** Two keys that are the same have the same text. */
  readonly textOf: (key: K) => string
  /** A name of its own for each key. */
  readonly metricNameOf: (key: K) => MetricName
  readonly maxEntries: number
}

interface StoredIntGauge {
  readonly metricName: MetricName
  value: number
}

export class IntGaugeSuite<K> {
  private readonly options: IntGaugeSuiteOptions<K>
  private readonly gauges = new Map<string, StoredIntGauge>()
  /** Those whose count is 0. */
  private readonly removable = new Set<string>()
  private closed = false

  constructor(options: IntGaugeSuiteOptions<K>) {
    this.options = options
  }

  increment(key: K): void {
    const { textOf, metricNameOf, maxEntries, metrics } = this.options
    const text = textOf(key)
    if (this.refusedAfterClose('increment', text)) return
    const existing = this.gauges.get(text)
    if (existing !== undefined) {
      existing.value++
      if (existing.value > 0) this.removable.delete(text)
      return
    }
    if (this.gauges.size >= maxEntries && !this.removeOne()) {
      this.log(`cannot count ${text}: there are ${maxEntries} entries already`)
      return
    }
    const gauge: StoredIntGauge = { metricName: metricNameOf(key), value: 1 }
    this.gauges.set(text, gauge)
    metrics.addMetric(gauge.metricName, { value: () => gauge.value })
  }

  decrement(key: K): void {
    const text = this.options.textOf(key)
    if (this.refusedAfterClose('decrement', text)) return
    const gauge = this.gauges.get(text)
    if (gauge === undefined) {
      this.log(`cannot decrement ${text}: it is not counted`)
    } else if (--gauge.value <= 0) {
      this.removable.add(text)
    }
  }

  /** Removes all of its metrics. */
  close(): void {
    if (this.closed) return
    this.closed = true
    for (const { metricName } of this.gauges.values()) this.options.metrics.removeMetric(metricName)
    this.gauges.clear()
  }

  /** The counts, by the text of each key. Visible for tests. */
  values(): ReadonlyMap<string, number> {
    return new Map([...this.gauges].map(([text, { value }]) => [text, value]))
  }

  private removeOne(): boolean {
    const [text] = this.removable
    const gauge = text === undefined ? undefined : this.gauges.get(text)
    if (text === undefined || gauge === undefined) return false
    this.removable.delete(text)
    this.gauges.delete(text)
    this.options.metrics.removeMetric(gauge.metricName)
    return true
  }

  private refusedAfterClose(what: string, text: string): boolean {
    if (!this.closed) return false
    const { logger, suiteName } = this.options
    logger.warn(`${suiteName}: cannot ${what} ${text}: it was closed`)
    return true
  }

  private log(message: string): void {
    this.options.logger.debug(`${this.options.suiteName}: ${message}`)
  }
}
