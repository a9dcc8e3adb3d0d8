/**
 * A request of an `AdminApiDriver` as a call of the admin client. Whatever becomes of it is told to
 * the driver, and what the driver wants next is submitted.
 *
 *     invokeDriver ─► driver.poll ─► DriverCall … ─► loop ─► driver.onResponse, onFailure ─┐
 *                         ▲                                                                │
 *                         └────────────────────────────────────────────────────────────────┘
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @simplified a class of its own; in Java inside of `newCall`.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { RequestBuilder } from '../../clients/RequestBuilder.ts'
import { DisconnectException } from '../../common/errors.ts'
import type { Node } from '../../common/Node.ts'
import { AdminApiDriver, type RequestSpec } from './AdminApiDriver.ts'
import type { AdminApiFuture } from './AdminApiFuture.ts'
import type { AdminApiHandler } from './AdminApiHandler.ts'
import type { AdminContext } from './AdminContext.ts'
import { Call, type CallLoop } from './Call.ts'

export interface DriverInvocation<K, V> {
  readonly context: AdminContext
  readonly handler: AdminApiHandler<K, V>
  readonly future: AdminApiFuture<K, V>
  readonly deadlineMs: number
}

/** What all calls of one driver have in common. */
interface DriverStory<K, V> {
  readonly context: AdminContext
  readonly driver: AdminApiDriver<K, V>
  readonly startMs: number
  /** So far, for the message of a time-out. */
  requestsSent: number
  lastFailure: Error | null
}

/** Starts the operation; its outcome is in the future. */
export const invokeDriver = <K, V>(invocation: DriverInvocation<K, V>): void => {
  const { context, handler, future, deadlineMs } = invocation
  const { retryBackoff, logger } = context
  const driver = new AdminApiDriver({ handler, future, deadlineMs, retryBackoff, logger })
  const startMs = context.time.milliseconds()
  maybeSendRequests({ context, driver, startMs, requestsSent: 0, lastFailure: null })
}

const maybeSendRequests = <K, V>(story: DriverStory<K, V>): void => {
  for (const spec of story.driver.poll()) story.context.submit(new DriverCall(story, spec))
}

class DriverCall<K, V> extends Call {
  private readonly story: DriverStory<K, V>
  private readonly spec: RequestSpec<K>
  /** Who is asked: `curNode` is forgotten when a try fails. */
  private node: Node | null = null

  constructor(story: DriverStory<K, V>, spec: RequestSpec<K>) {
    const { nodeProviders } = story.context
    const { destinationBrokerId } = spec.scope
    super({
      callName: spec.name,
      deadlineMs: spec.deadlineMs,
      nodeProvider:
        destinationBrokerId === null
          ? nodeProviders.leastLoaded()
          : nodeProviders.constantNodeId(destinationBrokerId),
    })
    this.story = story
    this.spec = spec
    this.nextAllowedTryMs = spec.nextAllowedTryMs
    this.tries = spec.tries
    this.startMs = story.startMs
    this.requestsSent = story.requestsSent
    this.lastFailure = story.lastFailure
  }

  override createRequest(): RequestBuilder {
    return this.spec.request
  }

  override assign(node: Node): void {
    super.assign(node)
    this.node = node
  }

  override handleResponse(response: ClientResponse): void {
    this.keepStory(this.lastFailure)
    const { driver, context } = this.story
    driver.onResponse(context.time.milliseconds(), this.spec, response, this.node!)
    maybeSendRequests(this.story)
  }

  override handleFailure(error: Error): void {
    this.tellFailure(this.story.context.time.milliseconds(), error)
  }

  protected override maybeRetry(nowMs: number, error: Error, loop: CallLoop): void {
    // After a disconnect the driver looks the key up again: a broker that is gone would otherwise
    // be waited for until the deadline.
    if (error instanceof DisconnectException) this.tellFailure(nowMs, error)
    else super.maybeRetry(nowMs, error, loop)
  }

  override handleNodeUnavailable(nowMs: number): boolean {
    const { destinationBrokerId } = this.spec.scope
    const { metadataManager, logger } = this.story.context
    if (destinationBrokerId === null || !metadataManager.isReady()) return false
    if (metadataManager.nodeById(destinationBrokerId) !== null) return false
    if (!this.story.driver.maybeRetryLookup(nowMs, this.spec)) return false
    logger.debug(`Broker ${destinationBrokerId} is no longer in the cluster. Retrying lookup.`)
    maybeSendRequests(this.story)
    return true
  }

  private tellFailure(nowMs: number, error: Error): void {
    this.keepStory(error)
    this.story.driver.onFailure(nowMs, this.spec, error)
    maybeSendRequests(this.story)
  }

  private keepStory(lastFailure: Error | null): void {
    this.story.requestsSent = this.requestsSent
    this.story.lastFailure = lastFailure
  }
}
