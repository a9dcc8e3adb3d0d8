/**
 * Hands out producer ids, from blocks that the controller gives to this broker alone.
 *
 *     controller   0 … 999 → broker 1      1000 … 1999 → broker 2      2000 … → next
 *     broker 1     17 handed out, 983 left
 *
 * A restart forgets what is left of a block: ids are plenty (2^63), and none may come twice.
 *
 * @kafka org.apache.kafka.coordinator.transaction.RPCProducerIdManager
 */

import { CoordinatorLoadInProgressException } from '../common/errors/ApiExceptions.ts'
import type { Logger } from '../common/Logger.ts'
import type { ProducerIdsBlock, QuorumController } from './controller/QuorumController.ts'

export class ProducerIdManager {
  private readonly controller: QuorumController
  private readonly logger: Logger
  private block: ProducerIdsBlock = { firstProducerId: 0n, size: 0 }
  private used = 0
  private fetching: Promise<void> | undefined

  constructor(controller: QuorumController, logger: Logger) {
    this.controller = controller
    this.logger = logger
  }

  /** @throws CoordinatorLoadInProgressException when no block can be had now: ask again */
  async generateProducerId(): Promise<bigint> {
    while (this.used >= this.block.size) {
      this.fetching ??= this.fetchBlock()
      await this.fetching
    }
    return this.block.firstProducerId + BigInt(this.used++)
  }

  private async fetchBlock(): Promise<void> {
    try {
      this.block = await this.controller.allocateProducerIds()
      this.used = 0
    } catch (error) {
      this.logger.error('Failed to get a block of producer ids from the controller', error)
      throw new CoordinatorLoadInProgressException('Failed to allocate a producer id block.', {
        cause: error,
      })
    } finally {
      this.fetching = undefined
    }
  }
}
