import { expect, test } from 'vitest'
import { MockTime } from '../../../src/common/MockTime.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionMap } from '../../../src/common/TopicPartitionMap.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import type { ConsumerInterceptor } from '../../../src/consumer/ConsumerInterceptor.ts'
import { ConsumerRecord } from '../../../src/consumer/ConsumerRecord.ts'
import { ConsumerRecords } from '../../../src/consumer/ConsumerRecords.ts'
import { ConsumerInterceptors } from '../../../src/consumer/internals/ConsumerInterceptors.ts'
import { OffsetAndMetadata } from '../../../src/consumer/OffsetAndMetadata.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

const keep = new TopicPartition('test', 1)
const others = [new TopicPartition('test', 2), new TopicPartition('test', 3)]
const recordOf = ({ topic, partition }: TopicPartition) =>
  new ConsumerRecord({ topic, partition, offset: 0, key: 1, value: 1 })
const all = new ConsumerRecords<number, number>(
  new TopicPartitionMap([keep, ...others].map((tp) => [tp, [recordOf(tp)]] as const)),
  new TopicPartitionMap([[keep, new OffsetAndMetadata(1)]]),
)

/** Lets through what is of `keep`; counts its calls; throws where it is told to. */
class Filter implements ConsumerInterceptor<number, number> {
  consumed = 0
  committed = 0
  closed = 0
  fails = false

  onConsume(records: ConsumerRecords<number, number>): ConsumerRecords<number, number> {
    this.consumed++
    if (this.fails) throw new Error('Injected exception in onConsume')
    return new ConsumerRecords(
      new TopicPartitionMap([[keep, records.records(keep)]]),
      records.nextOffsets,
    )
  }
  onCommit(): void {
    this.committed++
    if (this.fails) throw new Error('Injected exception in onCommit')
  }
  close(): void {
    this.closed++
    if (this.fails) throw new Error('Injected exception in close')
  }
}

const logger = new RecordingLogger()
const trace = new TraceBus(new MockTime()).from('test')

test('each interceptor gets what the one before it returned; one that throws is passed over', () => {
  covers('ConsumerInterceptorsTest.testOnConsumeChain')
  const [first, second] = [new Filter(), new Filter()]
  const chain = new ConsumerInterceptors([first, second], logger, trace)
  expect(chain.isEmpty()).toBe(false)
  expect(chain.onConsume(all).partitions()).toEqual([keep])
  expect([first.consumed, second.consumed]).toEqual([1, 1])

  first.fails = true
  expect(chain.onConsume(all).count()).toBe(1)
  expect([first.consumed, second.consumed]).toEqual([2, 2])
  expect(logger.messages('error').join()).toMatch(/Filter threw in onConsume/)

  second.fails = true
  expect(chain.onConsume(all)).toBe(all)
})

test('all hear of a commit, and all are closed, whoever throws', () => {
  covers('ConsumerInterceptorsTest.testOnCommitChain')
  const [first, second] = [new Filter(), new Filter()]
  const chain = new ConsumerInterceptors([first, second], logger, trace)
  const offsets = new TopicPartitionMap([[keep, new OffsetAndMetadata(0)]])
  chain.onCommit(offsets)
  first.fails = true
  chain.onCommit(offsets)
  expect([first.committed, second.committed]).toEqual([2, 2])
  chain.close()
  expect([first.closed, second.closed]).toEqual([1, 1])
})

test('without interceptors the records stay as they are', () => {
  const chain = new ConsumerInterceptors<number, number>([], logger, trace)
  expect(chain.isEmpty()).toBe(true)
  expect(chain.onConsume(all)).toBe(all)
})
