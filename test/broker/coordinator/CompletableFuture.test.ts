import { describe, expect, test } from 'vitest'
import { CompletableFuture } from '../../../src/broker/coordinator/CompletableFuture.ts'

describe('a future', () => {
  test('is completed once, and tells everybody within the call', () => {
    const future = new CompletableFuture<number>()
    const heard: unknown[] = []
    future.whenComplete((value, error) => heard.push([value, error]))
    expect(future.isDone()).toBe(false)
    expect(future.getNow()).toBeUndefined()
    expect(future.complete(1)).toBe(true)
    expect(heard).toEqual([[1, undefined]])
    expect(future.complete(2)).toBe(false)
    expect(future.completeExceptionally(new Error('late'))).toBe(false)
    expect(future.getNow()).toBe(1)
    future.whenComplete((value) => heard.push(value))
    expect(heard).toEqual([[1, undefined], 1])
  })

  test('tells all of them though one cannot take it, and then says so', () => {
    const future = new CompletableFuture<number>()
    const heard: number[] = []
    future.whenComplete(() => {
      throw new Error('first')
    })
    future.whenComplete((value) => heard.push(value!))
    expect(() => future.complete(1)).toThrow('first')
    expect(heard).toEqual([1])
  })

  test('can be changed, and saved from an error', () => {
    const doubled = new CompletableFuture<number>()
    const next = doubled.thenApply((value) => value * 2)
    doubled.complete(21)
    expect(next.getNow()).toBe(42)
    const failed = CompletableFuture.failedFuture<number>(new Error('no'))
    expect(failed.isCompletedExceptionally()).toBe(true)
    expect(failed.thenApply((value) => value + 1).isCompletedExceptionally()).toBe(true)
    expect(failed.exceptionally(() => 7).getNow()).toBe(7)
    expect(
      CompletableFuture.completedFuture(1)
        .exceptionally(() => 7)
        .getNow(),
    ).toBe(1)
  })

  test('made of another one fails when the change does', () => {
    const broken = CompletableFuture.completedFuture(1).thenApply(() => {
      throw new Error('change')
    })
    let heard: unknown
    broken.whenComplete((_, error) => {
      heard = error
    })
    expect(heard).toEqual(new Error('change'))
  })

  test('of several has all values in their order, or the first error', () => {
    const [one, two] = [new CompletableFuture<number>(), new CompletableFuture<number>()]
    const all = CompletableFuture.all([one, two])
    two.complete(2)
    expect(all.isDone()).toBe(false)
    one.complete(1)
    expect(all.getNow()).toEqual([1, 2])
    expect(CompletableFuture.all([]).getNow()).toEqual([])
    const failing = [CompletableFuture.failedFuture<number>(new Error('no')), one]
    expect(CompletableFuture.all(failing).isCompletedExceptionally()).toBe(true)
  })
})
