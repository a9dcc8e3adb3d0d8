/**
 * The state of one partition of a coordinator's topic: what all the records of its log come to.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorShard
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback
 */

export interface CoordinatorShard<U> {
  /**
   * Applies one record. It comes from the log while the partition is loaded, and from the shard's
   * own operations afterwards: the same code for both, so a restart cannot come to anything else.
   *
   * @param offset of the record in the log
   * @param producerId of its batch; -1 outside transactions
   */
  replay(offset: number, producerId: bigint, producerEpoch: number, record: U): void
  /** A transaction ended: what its producer wrote counts, or does not. */
  replayEndTransactionMarker(producerId: bigint, producerEpoch: number, committed: boolean): void
  /** The log has been read to its end: operations and timers may begin. */
  onLoaded(): void
  /** The partition is another broker's now, or gone: whoever waits must be told. */
  onUnloaded(): void
}
