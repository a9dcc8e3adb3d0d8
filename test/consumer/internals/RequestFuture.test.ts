import { describe, expect, test } from 'vitest'
import {
  DisconnectException,
  IllegalArgumentException,
  IllegalStateException,
  KafkaException,
} from '../../../src/common/errors.ts'
import { RequestFuture } from '../../../src/consumer/internals/RequestFuture.ts'
import { covers } from '../../support/covers.ts'

/** A listener that notes what it is told. */
const recorder = <T>() => {
  const heard: string[] = []
  return {
    heard,
    onSuccess: (value: T) => {
      heard.push(`success ${value}`)
    },
    onFailure: (error: Error) => {
      heard.push(`failure ${error.message}`)
    },
  }
}

describe('the outcome', () => {
  test('a completed request has succeeded and has its value', () => {
    covers('RequestFutureTest.testBasicCompletion')
    const future = new RequestFuture<string>()
    expect(future.isDone()).toBe(false)
    expect(future.shouldBlock()).toBe(true)
    future.complete('foo')
    expect(future.isDone()).toBe(true)
    expect(future.succeeded()).toBe(true)
    expect(future.failed()).toBe(false)
    expect(future.value()).toBe('foo')
    expect(future.shouldBlock()).toBe(false)
  })

  test('a failed request has its error', () => {
    covers('RequestFutureTest.testBasicFailure')
    const error = new KafkaException('no')
    const future = new RequestFuture<string>()
    future.raise(error)
    expect(future.isDone()).toBe(true)
    expect(future.failed()).toBe(true)
    expect(future.succeeded()).toBe(false)
    expect(future.exception()).toBe(error)
  })

  test('only a retriable failure is worth another try', () => {
    expect(RequestFuture.failure(new DisconnectException('gone')).isRetriable()).toBe(true)
    expect(RequestFuture.failure(new KafkaException('no')).isRetriable()).toBe(false)
  })

  test('success may have no value', () => {
    covers('RequestFutureTest.testVoidFuture')
    const future = RequestFuture.voidSuccess()
    expect(future.isDone()).toBe(true)
    expect(future.succeeded()).toBe(true)
    expect(future.value()).toBe(undefined)
  })

  test('an error is refused as a value', () => {
    covers('RequestFutureTest.testRuntimeExceptionInComplete')
    const future = new RequestFuture<unknown>()
    expect(() => future.complete(new KafkaException('no'))).toThrow(IllegalArgumentException)
  })

  test('a request is settled once', () => {
    covers(
      'RequestFutureTest.invokeCompleteAfterAlreadyComplete',
      'RequestFutureTest.invokeCompleteAfterAlreadyFailed',
      'RequestFutureTest.invokeRaiseAfterAlreadyFailed',
      'RequestFutureTest.invokeRaiseAfterAlreadyCompleted',
    )
    const complete = (future: RequestFuture<number>) => future.complete(1)
    const raise = (future: RequestFuture<number>) => future.raise(new KafkaException('no'))
    for (const first of [complete, raise]) {
      for (const second of [complete, raise]) {
        const future = new RequestFuture<number>()
        first(future)
        expect(() => second(future)).toThrow(IllegalStateException)
      }
    }
  })

  test('there is no error after success and no value after failure', () => {
    covers(
      'RequestFutureTest.invokeExceptionAfterSuccess',
      'RequestFutureTest.invokeValueAfterFailure',
    )
    const good = new RequestFuture<number>()
    good.complete(1)
    expect(() => good.exception()).toThrow(IllegalStateException)
    const bad = RequestFuture.failure<number>(new KafkaException('no'))
    expect(() => bad.value()).toThrow(IllegalStateException)
  })
})

describe('listeners', () => {
  test('are told of success, whether they came before or after', () => {
    covers(
      'RequestFutureTest.listenerInvokedIfAddedBeforeFutureCompletion',
      'RequestFutureTest.listenerInvokedIfAddedAfterFutureCompletion',
      'RequestFutureTest.listenersInvokedIfAddedBeforeAndAfterCompletion',
    )
    const [before, after] = [recorder<number>(), recorder<number>()]
    const future = new RequestFuture<number>()
    future.addListener(before)
    future.complete(7)
    future.addListener(after)
    expect(before.heard).toEqual(['success 7'])
    expect(after.heard).toEqual(['success 7'])
  })

  test('are told of failure, whether they came before or after', () => {
    covers(
      'RequestFutureTest.listenerInvokedIfAddedBeforeFutureFailure',
      'RequestFutureTest.listenerInvokedIfAddedAfterFutureFailure',
      'RequestFutureTest.listenersInvokedIfAddedBeforeAndAfterFailure',
    )
    const [before, after] = [recorder<number>(), recorder<number>()]
    const future = new RequestFuture<number>()
    future.addListener(before)
    future.raise(new KafkaException('no'))
    future.addListener(after)
    expect(before.heard).toEqual(['failure no'])
    expect(after.heard).toEqual(['failure no'])
  })

  test('run at once, inside complete, and not in a later microtask', () => {
    const heard = recorder<number>()
    const future = new RequestFuture<number>()
    future.addListener(heard)
    future.complete(1)
    expect(heard.heard).toEqual(['success 1'])
  })
})

describe('composing', () => {
  test('an adapter makes another value of the outcome', () => {
    covers('RequestFutureTest.testComposeSuccessCase')
    const future = new RequestFuture<string>()
    const length = future.compose<number>({
      onSuccess: (value, adapted) => adapted.complete(value.length),
    })
    future.complete('hello')
    expect(length.value()).toBe(5)
  })

  test('a failure passes through', () => {
    covers('RequestFutureTest.testComposeFailureCase')
    const future = new RequestFuture<string>()
    const length = future.compose<number>({
      onSuccess: (value, adapted) => adapted.complete(value.length),
    })
    future.raise(new KafkaException('no'))
    expect(length.exception().message).toBe('no')
  })

  test('a chained future gets the same outcome', () => {
    const [future, chained] = [new RequestFuture<number>(), new RequestFuture<number>()]
    future.chain(chained)
    future.complete(3)
    expect(chained.value()).toBe(3)
  })
})
