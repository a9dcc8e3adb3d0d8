/**
 * Lists groups: each broker knows the groups that it coordinates, so all brokers are asked.
 *
 *     findAllBrokers ─► listGroups at broker 1 ─► groups ───┐
 *                    ─► listGroups at broker 2 ─► failure ──┼─► all groups, all failures
 *                    ─► listGroups at broker 3 ─► groups ───┘
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient.ListGroupsResults
 * @kafka org.apache.kafka.common.requests.ListGroupsRequest.Builder
 * @simplified classes of their own; in Java inside of `listGroups`, and once more inside of
 *   `listConsumerGroups`.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { MetadataResponse } from '../../clients/MetadataResponse.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { InvalidMetadataException, KafkaException } from '../../common/errors.ts'
import type { Node } from '../../common/Node.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { ListedGroup, ListGroupsResponseData } from '../../protocol/messages/ListGroups.ts'
import type { MetadataResponseData } from '../../protocol/messages/Metadata.ts'
import type { GroupState, GroupType } from '../GroupState.ts'
import type { AdminContext } from './AdminContext.ts'
import { Call } from './Call.ts'
import type { KafkaFutureImpl } from './KafkaFutureImpl.ts'

/** What the brokers have said. */
export interface ListGroupsResults<G> {
  readonly groups: readonly G[]
  /** One for each broker that could not be asked. */
  readonly errors: readonly Error[]
}

export interface ListGroupsCallOptions<G> {
  readonly context: AdminContext
  readonly callName: string
  readonly deadlineMs: number
  /** Empty: all. */
  readonly groupStates: readonly GroupState[]
  /** Empty: all. */
  readonly types: readonly GroupType[]
  /** A group as the caller gets it; `null`: it is left out. */
  readonly listingOf: (group: ListedGroup) => G | null
  readonly groupIdOf: (listing: G) => string
  readonly future: KafkaFutureImpl<ListGroupsResults<G>>
}

/** The first step: who is there to be asked? */
export class FindAllBrokersCall<G> extends Call {
  private readonly options: ListGroupsCallOptions<G>

  constructor(options: ListGroupsCallOptions<G>) {
    const { context, deadlineMs } = options
    const nodeProvider = context.nodeProviders.leastLoaded()
    super({ callName: 'findAllBrokers', deadlineMs, nodeProvider })
    this.options = options
  }

  override createRequest(): RequestBuilder {
    return requestBuilder(ApiKeys.METADATA, { topics: [], allowAutoTopicCreation: true })
  }

  override handleResponse(response: ClientResponse): void {
    const data = response.responseBody as MetadataResponseData
    const { brokersById } = new MetadataResponse(data, response.requestHeader.apiVersion)
    const brokers = [...brokersById.values()]
    if (brokers.length === 0) {
      throw new InvalidMetadataException('Metadata fetch failed due to missing broker list')
    }
    const gathered = new GatheredGroups(this.options, brokers)
    for (const broker of brokers) {
      this.options.context.submit(new ListGroupsCall(this.options, broker, gathered))
    }
  }

  override handleFailure(error: Error): void {
    const message = `Failed to find brokers to send ListGroups: ${error.message}`
    const errors = [new KafkaException(message, { cause: error })]
    this.options.future.complete({ groups: [], errors })
  }
}

class GatheredGroups<G> {
  private readonly options: ListGroupsCallOptions<G>
  private readonly remaining: Set<Node>
  private readonly listings = new Map<string, G>()
  private readonly errors: Error[] = []

  constructor(options: ListGroupsCallOptions<G>, brokers: Iterable<Node>) {
    this.options = options
    this.remaining = new Set(brokers)
  }

  add(groups: readonly ListedGroup[]): void {
    for (const group of groups) {
      const listing = this.options.listingOf(group)
      if (listing !== null) this.listings.set(this.options.groupIdOf(listing), listing)
    }
  }

  addError(error: Error, broker: Node): void {
    const message = `Error listing groups on ${broker}: ${error.message}`
    this.errors.push(Errors.forException(error).exception(message)!)
  }

  tryComplete(broker: Node): void {
    this.remaining.delete(broker)
    if (this.remaining.size > 0) return
    this.options.future.complete({ groups: [...this.listings.values()], errors: this.errors })
  }
}

/** The second step, once per broker. */
class ListGroupsCall<G> extends Call {
  private readonly options: ListGroupsCallOptions<G>
  private readonly broker: Node
  private readonly gathered: GatheredGroups<G>

  constructor(options: ListGroupsCallOptions<G>, broker: Node, gathered: GatheredGroups<G>) {
    const { context, callName, deadlineMs } = options
    const nodeProvider = context.nodeProviders.constantNodeId(broker.id)
    super({ callName, deadlineMs, nodeProvider })
    this.options = options
    this.broker = broker
    this.gathered = gathered
  }

  override createRequest(): RequestBuilder {
    return listGroupsRequest(this.options.groupStates, this.options.types)
  }

  override handleResponse(response: ClientResponse): void {
    const { errorCode, groups } = response.responseBody as ListGroupsResponseData
    const error = Errors.forCode(errorCode)
    const mayPass =
      error === Errors.COORDINATOR_LOAD_IN_PROGRESS || error === Errors.COORDINATOR_NOT_AVAILABLE
    if (mayPass) error.maybeThrow()
    const exception = error.exception()
    if (exception === null) this.gathered.add(groups)
    else this.gathered.addError(exception, this.broker)
    this.gathered.tryComplete(this.broker)
  }

  override handleFailure(error: Error): void {
    this.gathered.addError(error, this.broker)
    this.gathered.tryComplete(this.broker)
  }
}

const STATES_MIN_VERSION = 4
const TYPES_MIN_VERSION = 5

const listGroupsRequest = (
  statesFilter: readonly GroupState[],
  typesFilter: readonly GroupType[],
): RequestBuilder =>
  requestBuilder(ApiKeys.LIST_GROUPS, (version) => {
    if (statesFilter.length > 0 && version < STATES_MIN_VERSION) {
      throw new UnsupportedVersionException(
        `The broker only supports ListGroups v${version}, but we need v${STATES_MIN_VERSION} or ` +
          'newer to request groups by states.',
      )
    }
    if (version >= TYPES_MIN_VERSION) {
      return { statesFilter: [...statesFilter], typesFilter: [...typesFilter] }
    }
    // A broker that knows no types has classic groups only, so these need not be asked for.
    const classicOnly =
      typesFilter.every((type) => type === 'Classic' || type === 'Consumer') &&
      (typesFilter.length === 0 || typesFilter.includes('Classic'))
    if (classicOnly) return { statesFilter: [...statesFilter] }
    throw new UnsupportedVersionException(
      `The broker only supports ListGroups v${version}, but we need v${TYPES_MIN_VERSION} or ` +
        `newer to request groups by type. Requested group types: [${typesFilter.join(', ')}].`,
    )
  })
