import { describe, expect, it } from 'vitest'
import {
  ClusterAuthorizationException,
  CorruptRecordException,
  NotLeaderOrFollowerException,
  OffsetOutOfRangeException,
  UnknownServerException,
} from '../../src/common/errors/ApiExceptions.ts'
import {
  ApiException,
  KafkaException,
  RetriableException,
  TimeoutException,
} from '../../src/common/errors.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { facts } from './golden.ts'

describe('Errors', () => {
  it('gives every code of Kafka its name and its class, and no other', () => {
    const ours = Errors.values().map(({ code, name, exceptionClass }) => [
      String(code),
      [name, ...(exceptionClass === null ? [] : [exceptionClass.name])],
    ])
    const theirs = Object.entries(facts().errors).map(([code, fact]) => [code, fact.slice(0, 2)])
    expect(new Map(ours as [])).toEqual(new Map(theirs as []))
  })

  it('hangs each class under the same classes as Kafka', () => {
    for (const { code, exceptionClass } of Errors.values()) {
      if (exceptionClass === null) continue
      const chain: string[] = []
      for (let c = exceptionClass; c.name !== 'Error'; c = Object.getPrototypeOf(c)) {
        chain.push(c.name)
      }
      expect(chain).toEqual(facts().errors[code]!.slice(1))
    }
  })

  it('uses no code and no class twice', () => {
    const all = Errors.values()
    expect(new Set(all.map(({ code }) => code)).size).toBe(all.length)
    expect(new Set(all.map(({ exceptionClass }) => exceptionClass)).size).toBe(all.length)
    covers('ErrorsTest.testUniqueErrorCodes', 'ErrorsTest.testUniqueExceptions')
  })

  it('has a class of its own for every error but NONE', () => {
    for (const error of Errors.values()) {
      if (error === Errors.NONE) continue
      expect(error.exceptionClass).not.toBe(ApiException)
      const exception = error.exception()
      expect(exception).toBeInstanceOf(ApiException)
      expect(exception?.message).toBe(error.message)
      expect(exception?.message).not.toBe('')
    }
    covers('ErrorsTest.testExceptionsAreNotGeneric')
  })

  it('has no exception for NONE', () => {
    expect(Errors.NONE.exception()).toBeNull()
    expect(Errors.NONE.exception('anything')).toBeNull()
    expect(Errors.NONE.message).toBe('NONE')
    expect(() => Errors.NONE.maybeThrow()).not.toThrow()
    covers('ErrorsTest.testNoneException')
  })

  it('finds an exception by its nearest class that has a code', () => {
    class MyTimeout extends TimeoutException {}
    expect(Errors.forException(new MyTimeout('late'))).toBe(Errors.REQUEST_TIMED_OUT)
    expect(Errors.forException(new CorruptRecordException('x'))).toBe(Errors.CORRUPT_MESSAGE)
    covers('ErrorsTest.testForExceptionInheritance')
  })

  it('takes anything else that was thrown for an unknown server error', () => {
    for (const thrown of [new ApiException('x'), new KafkaException('x'), new Error('x'), 'x', 1]) {
      expect(Errors.forException(thrown)).toBe(Errors.UNKNOWN_SERVER_ERROR)
    }
    expect(Errors.forException(undefined)).toBe(Errors.UNKNOWN_SERVER_ERROR)
    covers('ErrorsTest.testForExceptionDefault')
  })

  it('names the class of its exception', () => {
    expect(Errors.UNKNOWN_SERVER_ERROR.exceptionName()).toBe(UnknownServerException.name)
    expect(Errors.NONE.exceptionName()).toBeNull()
    covers('ErrorsTest.testExceptionName')
  })

  it('lets the broker’s own words replace its message', () => {
    const exception = Errors.OFFSET_OUT_OF_RANGE.exception('offset 7 is gone')
    expect(exception).toBeInstanceOf(OffsetOutOfRangeException)
    expect(exception?.message).toBe('offset 7 is gone')
    expect(() => Errors.OFFSET_OUT_OF_RANGE.maybeThrow()).toThrow(OffsetOutOfRangeException)
  })

  it('takes a code from the future for an unknown server error, and says so', () => {
    const warnings: string[] = []
    const logger = { warn: (message: string) => warnings.push(message) }
    expect(Errors.forCode(12_345, logger as never)).toBe(Errors.UNKNOWN_SERVER_ERROR)
    expect(warnings).toEqual(['Unexpected error code 12345: taken as UNKNOWN_SERVER_ERROR'])
    expect(Errors.forCode(6, logger as never)).toBe(Errors.NOT_LEADER_OR_FOLLOWER)
    expect(warnings).toHaveLength(1)
  })

  it('says what may be done: try again, ask where things are, or give up', () => {
    const { NOT_LEADER_OR_FOLLOWER, CORRUPT_MESSAGE, CLUSTER_AUTHORIZATION_FAILED } = Errors
    expect(NOT_LEADER_OR_FOLLOWER).toMatchObject({
      retriable: true,
      refreshMetadata: true,
      fatal: false,
    })
    expect(CORRUPT_MESSAGE).toMatchObject({ retriable: true, refreshMetadata: false, fatal: false })
    expect(CLUSTER_AUTHORIZATION_FAILED).toMatchObject({
      retriable: false,
      refreshMetadata: false,
      fatal: true,
    })
    expect(new NotLeaderOrFollowerException('x')).toBeInstanceOf(RetriableException)
    expect(new ClusterAuthorizationException('x')).not.toBeInstanceOf(RetriableException)
    for (const error of Errors.values()) expect(error.fatal && error.retriable).toBe(false)
  })
})
