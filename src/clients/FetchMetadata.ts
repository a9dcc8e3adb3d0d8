/**
 * Which fetch session a request belongs to, and which step of it this is.
 *
 *     sessionId  epoch
 *     0          0       full request, and please open a session
 *     0          -1      full request without session
 *     id         0       full request: close this session and open a new one
 *     id         n > 0   the n-th incremental request of this session
 *     id         -1      close this session
 *
 * The broker counts along. A request that came twice, or one that was lost, shows as an epoch out
 * of step, and then both sides start again with a full request instead of disagreeing about what
 * the session holds.
 *
 * @kafka org.apache.kafka.common.requests.FetchMetadata
 */

/** The largest int32; the next epoch after it is 1, since 0 and -1 have meanings of their own. */
const LAST_EPOCH = 2 ** 31 - 1

export class FetchMetadata {
  static readonly INVALID_SESSION_ID = 0
  static readonly INITIAL_EPOCH = 0
  static readonly FINAL_EPOCH = -1
  /** Opens a session. */
  static readonly INITIAL = new FetchMetadata(0, 0)
  /** Does not want a session. */
  static readonly LEGACY = new FetchMetadata(0, -1)

  readonly sessionId: number
  readonly epoch: number

  constructor(sessionId: number, epoch: number) {
    this.sessionId = sessionId
    this.epoch = epoch
  }

  static newIncremental(sessionId: number): FetchMetadata {
    return new FetchMetadata(sessionId, FetchMetadata.nextEpoch(FetchMetadata.INITIAL_EPOCH))
  }

  static nextEpoch(previous: number): number {
    if (previous < 0) return FetchMetadata.FINAL_EPOCH
    return previous === LAST_EPOCH ? 1 : previous + 1
  }

  /** The request names every partition, so the response does too. */
  isFull(): boolean {
    return this.epoch === FetchMetadata.INITIAL_EPOCH || this.epoch === FetchMetadata.FINAL_EPOCH
  }

  nextIncremental(): FetchMetadata {
    return new FetchMetadata(this.sessionId, FetchMetadata.nextEpoch(this.epoch))
  }

  nextCloseExisting(): FetchMetadata {
    return new FetchMetadata(this.sessionId, FetchMetadata.FINAL_EPOCH)
  }

  nextCloseExistingAttemptNew(): FetchMetadata {
    return new FetchMetadata(this.sessionId, FetchMetadata.INITIAL_EPOCH)
  }

  equals(other: FetchMetadata): boolean {
    return this.sessionId === other.sessionId && this.epoch === other.epoch
  }

  toString(): string {
    const id = this.sessionId === FetchMetadata.INVALID_SESSION_ID ? 'INVALID' : this.sessionId
    const epoch =
      this.epoch === FetchMetadata.INITIAL_EPOCH
        ? 'INITIAL'
        : this.epoch === FetchMetadata.FINAL_EPOCH
          ? 'FINAL'
          : this.epoch
    return `(sessionId=${id}, epoch=${epoch})`
  }
}
