/**
 * Whose metrics these are: labels that a reporter may want to put on what it sends elsewhere.
 *
 * @kafka org.apache.kafka.common.metrics.MetricsContext
 * @kafka org.apache.kafka.common.metrics.KafkaMetricsContext
 */

/** The label that names the kind of client, such as `kafka.producer`. */
export const NAMESPACE = '_namespace'

export interface MetricsContext {
  readonly contextLabels: Readonly<Record<string, string>>
}

/** @param labels put beside the namespace; their values become texts */
export const kafkaMetricsContext = (
  namespace: string,
  labels: Readonly<Record<string, unknown>> = {},
): MetricsContext => {
  const texts = Object.entries(labels).map(([label, value]) => [label, String(value)])
  return { contextLabels: { [NAMESPACE]: namespace, ...Object.fromEntries(texts) } }
}
