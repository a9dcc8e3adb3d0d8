import { expect, it } from 'vitest'
import { IllegalStateException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { ProduceRequestResult } from '../../src/producer/internals/ProduceRequestResult.ts'
import { covers } from '../support/covers.ts'
import { settle } from './producerSupport.ts'

const resultOf = () => new ProduceRequestResult(new TopicPartition('test', 0), new MockTime(), 0)

const complete = (result: ProduceRequestResult): void => {
  result.set(0, -1, null)
  result.done()
}

it('waits for all parts that a batch was split into, also for parts of parts', async () => {
  covers('RecordAccumulatorTest.testProduceRequestResultAwaitAllDependents')
  const [parent, first, second, part] = [resultOf(), resultOf(), resultOf(), resultOf()]
  parent.addDependent(first)
  parent.addDependent(second)
  complete(parent)
  let done = false
  const waiting = parent.awaitAllDependents().then(() => {
    done = true
  })
  await settle()
  expect([parent.completed(), done]).toEqual([true, false])
  complete(first)
  second.addDependent(part)
  complete(second)
  await settle()
  expect(done).toBe(false)
  complete(part)
  await waiting
  expect(done).toBe(true)
})

it('cannot be done before it is set', () => {
  const result = resultOf()
  expect(() => result.done()).toThrow(IllegalStateException)
  expect(() => result.baseOffset()).toThrow(IllegalStateException)
})

it('resolves at once for who waits after it is done', async () => {
  const result = resultOf()
  complete(result)
  await result.await()
  expect(await result.awaitFor(0)).toBe(true)
})
