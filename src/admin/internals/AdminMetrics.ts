/**
 * All metrics of one admin client: its connections, and what it is. Its calls are too few to be
 * measured.
 *
 * I1  After `close` the reporters are closed, and hear no more.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @simplified no telemetry (KIP-714). What is left of `createInternal` here are the settings of
 *   metrics.
 */

import { registerAppInfo, unregisterAppInfo } from '../../clients/AppInfo.ts'
import { createMetrics } from '../../clients/createMetrics.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Metrics } from '../../common/metrics/Metrics.ts'
import type { Time } from '../../common/Time.ts'
import type { SelectorMetricsOptions } from '../../network/SelectorMetrics.ts'
import type { AdminClientConfig } from '../AdminClientConfig.ts'

/** What reporters are told whose metrics these are. In Java the domain of its MBeans. */
export const NAMESPACE_OF_ADMIN_CLIENTS = 'kafka.admin.client'

export interface AdminMetricsOptions {
  readonly config: AdminClientConfig
  readonly clientId: string
  readonly time: Time
  readonly logger: Logger
}

export class AdminMetrics {
  readonly metrics: Metrics
  private closed = false

  constructor(options: AdminMetricsOptions) {
    this.metrics = createMetrics({ ...options, namespace: NAMESPACE_OF_ADMIN_CLIENTS })
    registerAppInfo(this.metrics, options.time.milliseconds())
  }

  selector(): SelectorMetricsOptions {
    return { metrics: this.metrics, metricGrpPrefix: 'admin-client' }
  }

  /** Those of the `Selector` go with it. */
  close(): void {
    if (this.closed) return
    this.closed = true
    unregisterAppInfo(this.metrics)
    this.metrics.close()
  }

  toString(): string {
    return `AdminMetrics(${this.metrics.metrics().size} metrics)`
  }
}
