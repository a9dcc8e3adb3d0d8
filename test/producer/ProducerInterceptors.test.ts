import { expect, it } from 'vitest'
import { KafkaException } from '../../src/common/errors.ts'
import { RecordHeaders } from '../../src/common/header/RecordHeaders.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { ProducerInterceptors } from '../../src/producer/internals/ProducerInterceptors.ts'
import type { ProducerInterceptor } from '../../src/producer/ProducerInterceptor.ts'
import { ProducerRecord } from '../../src/producer/ProducerRecord.ts'
import { RecordMetadata } from '../../src/producer/RecordMetadata.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { ascii, traceOn } from './producerSupport.ts'

class Appending implements ProducerInterceptor<number, string> {
  failOnSend = false
  failOnAcknowledgement = false
  readonly acknowledged: (RecordMetadata | null)[] = []
  readonly headers: string[] = []
  closed = 0
  private readonly suffix: string

  constructor(suffix: string) {
    this.suffix = suffix
  }

  onSend(record: ProducerRecord<number, string>): ProducerRecord<number, string> {
    if (this.failOnSend) throw new KafkaException('onSend')
    const { topic, partition, key, value } = record
    return new ProducerRecord({ topic, partition, key, value: value + this.suffix })
  }

  onAcknowledgement(metadata: RecordMetadata, _: Error | null, headers: Iterable<unknown>): void {
    this.acknowledged.push(metadata)
    this.headers.push(String(headers))
    if (this.failOnAcknowledgement) throw new KafkaException('onAcknowledgement')
  }

  close(): void {
    this.closed++
    throw new KafkaException('close')
  }
}

const chainOf = () => {
  const [one, two] = [new Appending('One'), new Appending('Two')]
  const logger = new RecordingLogger()
  const chain = new ProducerInterceptors([one, two], logger, traceOn(new MockTime()))
  return { one, two, logger, chain }
}

const record = new ProducerRecord({ topic: 'test', partition: 0, key: 1, value: 'value' })

it('hands the record from one to the next, past those that fail', () => {
  covers('ProducerInterceptorsTest.testOnSendChain')
  const { one, two, logger, chain } = chainOf()
  const intercepted = chain.onSend(record)
  expect(intercepted).toMatchObject({ topic: 'test', partition: 0, key: 1, value: 'valueOneTwo' })
  expect(chain.onSend(record).equals(intercepted)).toBe(true)
  one.failOnSend = true
  expect(chain.onSend(record).value).toBe('valueTwo')
  two.failOnSend = true
  expect(chain.onSend(record)).toBe(record)
  expect(logger.messages('error')).toHaveLength(3)
})

it('tells all of the outcome, whatever one of them throws', () => {
  covers('ProducerInterceptorsTest.testOnAcknowledgementChain')
  const { one, two, chain } = chainOf()
  const metadata = new RecordMetadata(new TopicPartition('test', 0), 0, 0, 0, 0, 0)
  chain.onAcknowledgement(metadata, null, new RecordHeaders())
  one.failOnAcknowledgement = two.failOnAcknowledgement = true
  chain.onAcknowledgement(metadata, null, new RecordHeaders())
  expect([one.acknowledged, two.acknowledged]).toEqual([
    [metadata, metadata],
    [metadata, metadata],
  ])
})

it('tells all that a send failed, with what is known of where it was to go', () => {
  covers('ProducerInterceptorsTest.testOnAcknowledgementWithErrorChain')
  const { one, two, chain } = chainOf()
  const withHeaders = new ProducerRecord({
    topic: 'test',
    value: 'v',
    headers: [{ key: 'h', value: ascii('1') }],
  })
  chain.onSendError(withHeaders, new TopicPartition('test', -1), new KafkaException('no'))
  for (const { acknowledged, headers } of [one, two]) {
    expect(acknowledged[0]).toMatchObject({ topic: 'test', partition: -1, offset: -1 })
    expect(headers[0]).toContain('isReadOnly = true')
  }
  // The caller may want to try again, and to change the headers for that.
  expect(() => withHeaders.headers.add('again', null)).not.toThrow()
})

it('closes all of them', () => {
  const { one, two, logger, chain } = chainOf()
  chain.close()
  expect([one.closed, two.closed, logger.messages('error').length]).toEqual([1, 1, 2])
})
