/**
 * Code of the program that wants to know which cluster it works with: a metric or a record that is
 * to carry the cluster's id.
 *
 * There is no setting for it. An interceptor, a serializer or deserializer, or a reporter of
 * metrics that has an `onUpdate` is one.
 *
 * @kafka org.apache.kafka.common.ClusterResourceListener
 * @kafka org.apache.kafka.common.internals.ClusterResourceListeners
 */

import type { ClusterResource } from './ClusterResource.ts'

export interface ClusterResourceListener {
  /**
   * Called with every picture of the cluster that comes, before the first record is sent or read.
   * What it throws goes to the log.
   */
  onUpdate(clusterResource: ClusterResource): void
}

/** Those of `candidates` that are listeners, in their order. */
export const clusterResourceListenersOf = (
  candidates: Iterable<object>,
): ClusterResourceListener[] => {
  const listeners: ClusterResourceListener[] = []
  for (const candidate of candidates) if (isListener(candidate)) listeners.push(candidate)
  return listeners
}

const isListener = (candidate: object): candidate is ClusterResourceListener =>
  typeof (candidate as Partial<ClusterResourceListener>).onUpdate === 'function'
