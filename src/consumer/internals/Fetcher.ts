/**
 * Sends fetches and hands out what they brought: `AbstractFetch` with the consumer's network client
 * under it.
 *
 *     sendFetches ─► prepareFetchRequests ─► ConsumerNetworkClient.send ─► …
 *     collectFetch ◄─ FetchCollector ◄─ FetchBuffer ◄─ handleFetchSuccess ◄─ …
 *
 * `poll` sends the next fetch before it returns what the last one brought. So the broker reads and
 * the network carries while the caller is still at work.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.Fetcher
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { Node } from '../../common/Node.ts'
import type { Timer } from '../../common/Timer.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { ApiKeys } from '../../protocol/ApiKeys.ts'
import { AbstractFetch, type AbstractFetchOptions, type PreparedFetch } from './AbstractFetch.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import type { Deserializers } from './Deserializers.ts'
import type { Fetch } from './Fetch.ts'
import { FetchCollector } from './FetchCollector.ts'
import { fetchRequestBuilder } from './FetchRequestBuilder.ts'
import type { RequestFuture } from './RequestFuture.ts'

export interface FetcherOptions<K, V> extends AbstractFetchOptions {
  readonly client: ConsumerNetworkClient
  readonly deserializers: Deserializers<K, V>
}

type FetchClientResponse = ClientResponse<typeof ApiKeys.FETCH>

export class Fetcher<K, V> extends AbstractFetch {
  private readonly client: ConsumerNetworkClient
  private readonly fetchCollector: FetchCollector<K, V>
  private closed = false

  constructor(options: FetcherOptions<K, V>) {
    super(options)
    this.client = options.client
    this.fetchCollector = new FetchCollector(options)
  }

  /**
   * Sends a fetch to every node that has something for us to read and no fetch of ours under way.
   *
   * @returns how many were sent
   */
  sendFetches(): number {
    const prepared = this.prepareFetchRequests()
    for (const fetch of prepared) {
      if (this.trace.enabled) {
        this.trace.emit('consumer.fetcher.sendFetches', {
          node: fetch.node.id,
          partitions: [...fetch.data.toSend.keys()].map(String),
        })
      }
      this.sendFetch(fetch).addListener({
        onSuccess: (response) => this.handleFetchSuccess(fetch, response),
        onFailure: (error) => this.handleFetchFailure(fetch, error),
      })
    }
    return prepared.length
  }

  /** What has arrived, up to `max.poll.records`; the positions have moved on when it returns. */
  collectFetch(): Fetch<K, V> {
    return this.fetchCollector.collectFetch(this.fetchBuffer)
  }

  clearBufferedDataForUnassignedPartitions(assigned: Iterable<TopicPartition>): void {
    this.fetchBuffer.retainAll(new TopicPartitionSet(assigned))
  }

  /** Closes the fetch sessions, as far as the time suffices. Further calls do nothing. */
  async close(timer: Timer): Promise<void> {
    if (this.closed) return
    this.closed = true
    this.client.disableWakeups()
    try {
      await this.maybeCloseFetchSessions(timer)
    } finally {
      this.closeBuffer()
    }
  }

  protected override isUnavailable(node: Node): boolean {
    return this.client.isUnavailable(node)
  }

  protected override maybeThrowAuthFailure(node: Node): void {
    this.client.maybeThrowAuthFailure(node)
  }

  private async maybeCloseFetchSessions(timer: Timer): Promise<void> {
    const futures = this.prepareCloseFetchSessionRequests().map((fetch) => {
      const future = this.sendFetch(fetch)
      future.addListener({
        onSuccess: () => this.handleCloseFetchSessionSuccess(fetch),
        onFailure: (error) => this.handleCloseFetchSessionFailure(fetch, error),
      })
      return future
    })
    const allDone = (): boolean => futures.every((future) => future.isDone())
    while (timer.notExpired() && !allDone()) {
      await this.client.poll(timer, null, true)
      timer.update()
    }
    if (!allDone()) {
      this.logger.debug(
        `Not all fetch sessions were closed within ${timer.getTimeoutMs()} ms; the brokers will ` +
          'drop them in time. A longer time-out for close would help.',
      )
    }
  }

  private sendFetch({ node, data }: PreparedFetch): RequestFuture<FetchClientResponse> {
    return this.client.send(node, fetchRequestBuilder(this.fetchConfig, data))
  }
}
