/**
 * Asks one leader where epochs end.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.OffsetsForLeaderEpochClient
 * @kafka org.apache.kafka.clients.consumer.internals.AsyncClient
 */

import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import type { ReadonlyTopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import type { FetchPosition } from './FetchPosition.ts'
import {
  handleResponse,
  type OffsetForEpochResult,
  prepareRequest,
} from './OffsetsForLeaderEpochUtils.ts'
import type { RequestFuture } from './RequestFuture.ts'

export class OffsetsForLeaderEpochClient {
  private readonly client: ConsumerNetworkClient
  private readonly logger: Logger

  constructor(client: ConsumerNetworkClient, logger: Logger) {
    this.client = client
    this.logger = logger
  }

  sendAsyncRequest(
    node: Node,
    positions: ReadonlyTopicPartitionMap<FetchPosition>,
  ): RequestFuture<OffsetForEpochResult> {
    return this.client.send(node, prepareRequest(positions)).compose<OffsetForEpochResult>({
      onSuccess: (response, future) => {
        let result: OffsetForEpochResult
        try {
          result = handleResponse(positions, response.responseBody!, this.logger)
        } catch (error) {
          future.raise(error as Error)
          return
        }
        future.complete(result)
      },
    })
  }
}
