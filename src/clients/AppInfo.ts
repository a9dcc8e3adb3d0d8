/**
 * What this client calls itself: to a broker, whose operator sees it in logs and metrics, and in
 * metrics of its own.
 *
 * @kafka org.apache.kafka.common.utils.AppInfoParser
 * @simplified `commit-id` is always `unknown`: a package knows its version only.
 */

import type { MetricName } from '../common/MetricName.ts'
import type { Metrics } from '../common/metrics/Metrics.ts'
import type { MetricValue } from '../common/metrics/MetricValueProvider.ts'

export const CLIENT_SOFTWARE_NAME = 'annotated-kafka'
/** As in package.json; a test holds the two together. */
export const CLIENT_SOFTWARE_VERSION = '0.1.0'

const APP_INFO = ['version', 'commit-id', 'start-time-ms'] as const

const nameOf = (metrics: Metrics, name: (typeof APP_INFO)[number]): MetricName =>
  metrics.metricName(name, 'app-info', `Metric indicating ${name}`)

/** @param nowMs when the client was started */
export const registerAppInfo = (metrics: Metrics, nowMs: number): void => {
  const values: Record<(typeof APP_INFO)[number], MetricValue> = {
    version: CLIENT_SOFTWARE_VERSION,
    'commit-id': 'unknown',
    'start-time-ms': nowMs,
  }
  for (const name of APP_INFO) {
    metrics.addMetric(nameOf(metrics, name), { value: () => values[name] })
  }
}

export const unregisterAppInfo = (metrics: Metrics): void => {
  for (const name of APP_INFO) metrics.removeMetric(nameOf(metrics, name))
}
