import { describe, expect, test } from 'vitest'
import { MockTime } from '../../src/common/MockTime.ts'
import { TraceBus, type TraceEntry } from '../../src/common/Trace.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

describe('TraceBus', () => {
  test('an entry knows its moment, its source, and its place among others', () => {
    const time = new MockTime(0, 100)
    const bus = new TraceBus(time)
    const heard: TraceEntry[] = []
    bus.listen((entry) => heard.push(entry))
    bus.from('producer-1').emit('producer.sender.wakeup', {})
    time.sleep(5)
    bus
      .from('broker-1')
      .emit('broker.handler.run', { connection: 'c', api: 'Produce', correlationId: 3 })

    expect(heard).toEqual([
      { sequence: 0, atMs: 100, source: 'producer-1', name: 'producer.sender.wakeup', fields: {} },
      {
        sequence: 1,
        atMs: 105,
        source: 'broker-1',
        name: 'broker.handler.run',
        fields: { connection: 'c', api: 'Produce', correlationId: 3 },
      },
    ])
  })

  test('handles are enabled while somebody listens', () => {
    const bus = new TraceBus(new MockTime())
    const trace = bus.from('p')
    expect(trace.enabled).toBe(false)

    const stopFirst = bus.listen(() => {})
    const stopSecond = bus.listen(() => {})
    stopFirst()
    expect(trace.enabled).toBe(true)
    stopSecond()
    stopSecond()
    expect(trace.enabled).toBe(false)
  })

  test('a listener that throws is reported, heard no more, and stops no other', () => {
    const logger = new RecordingLogger()
    const bus = new TraceBus(new MockTime(), logger)
    const heard: string[] = []
    bus.listen(() => {
      throw new Error('clumsy')
    })
    bus.listen((entry) => heard.push(entry.name))
    const trace = bus.from('p')
    trace.emit('producer.sender.wakeup', {})
    trace.emit('producer.sender.wakeup', {})

    expect(heard).toHaveLength(2)
    expect(logger.messages('error')).toEqual([
      "A trace listener failed on 'producer.sender.wakeup' and is heard no more",
    ])
    expect(logger.entries[0]?.cause).toEqual(new Error('clumsy'))
  })

  test('two buses know nothing of each other', () => {
    const [one, other] = [new TraceBus(new MockTime()), new TraceBus(new MockTime())]
    one.listen(() => {})

    expect(one.active).toBe(true)
    expect(other.active).toBe(false)
  })
})
