/** Idempotence as a program sees it: on by default, and what it is told when nothing can go on. */

import { describe, expect, it } from 'vitest'
import { UnsupportedVersionException } from '../../src/common/errors/ApiExceptions.ts'
import { KafkaException } from '../../src/common/errors.ts'
import { failureOf, producerWorld } from './producerWorld.ts'

describe('a producer', () => {
  it('is idempotent unless it is told otherwise, and its snapshot says so', async () => {
    await producerWorld({}, async ({ producer }) => {
      await producer.send({ topic: 't', value: 'v' })
      expect(producer.snapshot().producerIdAndEpoch).toEqual({ producerId: '1000', epoch: 0 })
    })
    await producerWorld({ 'enable.idempotence': false }, async ({ producer, trace }) => {
      await producer.send({ topic: 't', value: 'v' })
      expect(producer.snapshot().producerIdAndEpoch).toBeNull()
      const names = trace.map(({ name }) => name)
      expect(names).not.toContain('producer.transactionManager.setProducerIdAndEpoch')
    })
  })

  it('says in the log why it is not', async () => {
    const { logger } = await producerWorld({ acks: '1' }, async ({ producer }) => {
      await producer.send({ topic: 't', value: 'v' })
    })
    expect(logger.messages('info').join('\n')).toContain(
      "Idempotence will be disabled because acks is set to 1, not set to 'all'.",
    )
  })

  it('throws at every send after an error that no retry can mend', async () => {
    await producerWorld({}, async ({ producer, metadata }) => {
      await producer.send({ topic: 't', value: 'v' })
      const unanswered = producer.send({ topic: 'unknown', value: 'v' })
      metadata.fatalError(new UnsupportedVersionException('too old'))
      expect(await failureOf(unanswered)).toBeInstanceOf(UnsupportedVersionException)
      expect(() => producer.send({ topic: 't', value: 'w' })).toThrow(KafkaException)
      expect(() => producer.send({ topic: 't', value: 'w' })).toThrow(/error state: too old/)
    })
  })
})
