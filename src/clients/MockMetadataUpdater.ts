/**
 * Where a `MockClient` has its nodes from: nowhere, a list, or a `Metadata` that it updates with
 * prepared answers instead of asking.
 *
 * @kafka org.apache.kafka.clients.MockClient.MockMetadataUpdater
 */

import { IllegalStateException } from '../common/errors.ts'
import type { Node } from '../common/Node.ts'
import type { Metadata } from './Metadata.ts'
import type { MetadataResponse } from './MetadataResponse.ts'

/** A prepared answer. */
export interface MetadataUpdate {
  readonly response: MetadataResponse
  /** The client must be asking for exactly the topics of the answer. */
  readonly expectMatchRefreshTopics: boolean
}

export interface MockMetadataUpdater {
  fetchNodes(): readonly Node[]
  isUpdateNeeded(): boolean
  update(update: MetadataUpdate, nowMs: number): void
  /** No new answer was prepared: the last one once more. */
  updateWithCurrentMetadata(nowMs: number): void
  close(): void
}

export class StaticMockMetadataUpdater implements MockMetadataUpdater {
  private readonly nodes: readonly Node[]

  constructor(nodes: readonly Node[]) {
    this.nodes = nodes
  }

  fetchNodes(): readonly Node[] {
    return this.nodes
  }

  isUpdateNeeded(): boolean {
    return false
  }

  update(): void {
    throw new IllegalStateException('This MockClient has a fixed list of nodes.')
  }

  updateWithCurrentMetadata(): void {}

  close(): void {}
}

export class DefaultMockMetadataUpdater implements MockMetadataUpdater {
  private readonly metadata: Metadata
  private last: MetadataUpdate | null = null

  constructor(metadata: Metadata) {
    this.metadata = metadata
  }

  fetchNodes(): readonly Node[] {
    return this.metadata.fetch().nodes
  }

  isUpdateNeeded(): boolean {
    return this.metadata.updateRequested()
  }

  update(update: MetadataUpdate, nowMs: number): void {
    this.checkTopics(update)
    this.metadata.updateWithCurrentRequestVersion(update.response, false, nowMs)
    this.last = update
  }

  updateWithCurrentMetadata(nowMs: number): void {
    if (this.last === null) throw new IllegalStateException('No previous metadata update to use')
    this.update(this.last, nowMs)
  }

  close(): void {
    this.metadata.close()
  }

  private checkTopics(update: MetadataUpdate): void {
    if (!update.expectMatchRefreshTopics) return
    const expected = update.response.topicMetadata.map(({ topic }) => topic).sort()
    const asked = [...(this.metadata.newMetadataRequestBuilder().topics ?? ['ALL'])].sort()
    if (asked.join() !== expected.join()) {
      throw new IllegalStateException(
        `The metadata topics do not match: expected [${expected}], asked for [${asked}]`,
      )
    }
  }
}
