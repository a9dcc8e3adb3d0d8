/**
 * For a client that is told its nodes and never asks: a follower fetching from its leader, say.
 *
 * @kafka org.apache.kafka.clients.ManualMetadataUpdater
 */

import type { Node } from '../common/Node.ts'
import { NO_TIMEOUT_MS } from './KafkaClient.ts'
import type { MetadataUpdater } from './MetadataUpdater.ts'

export class ManualMetadataUpdater implements MetadataUpdater {
  private nodes: readonly Node[]

  constructor(nodes: readonly Node[] = []) {
    this.nodes = nodes
  }

  setNodes(nodes: readonly Node[]): void {
    this.nodes = nodes
  }

  fetchNodes(): readonly Node[] {
    return this.nodes
  }

  isUpdateDue(): boolean {
    return false
  }

  maybeUpdate(): number {
    return NO_TIMEOUT_MS
  }

  /** Whoever set the nodes sees the failure at its own requests. */
  handleServerDisconnect(): void {}

  handleFailedRequest(): void {}

  handleSuccessfulResponse(): void {}

  needsRebootstrap(): boolean {
    return false
  }

  rebootstrap(): void {}

  close(): void {}
}
