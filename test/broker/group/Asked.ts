import { expect } from 'vitest'
import type { CompletableFuture } from '../../../src/broker/coordinator/CompletableFuture.ts'
import type { CoordinatorResult } from '../../../src/broker/coordinator/CoordinatorResult.ts'
import type { CoordinatorRecord } from '../../../src/broker/group/GroupCoordinatorRecord.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'

/** A question that waits for its answer, and what is to be written before. */
export class Asked<T extends { readonly errorCode: number }> {
  readonly future: CompletableFuture<T>
  readonly records: readonly CoordinatorRecord[]
  readonly appendFuture: CompletableFuture<void> | undefined
  readonly replayRecords: boolean | undefined

  constructor(future: CompletableFuture<T>, result: CoordinatorResult<void, CoordinatorRecord>) {
    this.future = future
    this.records = result.records
    this.appendFuture = result.appendFuture
    this.replayRecords = result.replayRecords
  }

  isWaiting(): boolean {
    return !this.future.isDone()
  }

  /** The answer, which must be there. */
  get response(): T {
    expect(this.isWaiting(), 'it still waits').toBe(false)
    return this.future.getNow()!
  }

  get error(): WireError {
    return Errors.forCode(this.response.errorCode)
  }

  /** It waits, and nothing is to be written. */
  expectWaiting(): this {
    expect(this.records).toEqual([])
    expect(this.isWaiting(), 'it was answered').toBe(true)
    return this
  }

  /** It has been answered so, and nothing is to be written. */
  expectAnswer(error: WireError): this {
    expect(this.records).toEqual([])
    expect(this.error).toBe(error)
    return this
  }

  /** The log has taken the records. */
  written(): this {
    this.appendFuture!.complete()
    return this
  }

  /** The log has not taken them. */
  failed(error: unknown): this {
    this.appendFuture!.completeExceptionally(error)
    return this
  }
}
