import { describe, expect, test } from 'vitest'
import { TRACE_POINTS, type TraceName } from '../../src/common/TraceEvents.ts'
import { batchOf, createTopic, fetch, onCluster, produce } from './brokerSupport.ts'

/** What every record passes: no fault hits it, and it belongs to no group. */
const isStation = (name: string): boolean =>
  name.startsWith('broker.') && !/^broker\.(faults|coordinator|group)\./.test(name)

describe('the way of a record through the broker', () => {
  test(
    'is told on the trace bus, station by station, in order',
    onCluster(async ({ connect, world }) => {
      const client = await connect()
      await createTopic(client, 'orders')
      const names: TraceName[] = []
      const stop = world.traceBus.listen(({ name, source }) => {
        if (isStation(name)) {
          expect(source).toBe('broker-1')
          names.push(name)
        }
      })
      await produce(client, 'orders', batchOf(['a', 'b']))
      await fetch(client, 'orders')
      stop()
      const road: TraceName[] = [
        'broker.processor.processCompletedReceives',
        'broker.requestChannel.sendRequest',
        'broker.handler.run',
      ]
      expect(names).toEqual([
        ...road,
        'broker.apis.handleProduceRequest',
        'broker.replicaManager.handleProduceAppend',
        'broker.partition.appendRecordsToLeader',
        'broker.log.append',
        'broker.requestChannel.sendResponse',
        ...road,
        'broker.apis.handleFetchRequest',
        'broker.replicaManager.fetchMessages',
        'broker.log.read',
        'broker.requestChannel.sendResponse',
      ])
      const stations = Object.keys(TRACE_POINTS).filter((name) => isStation(name))
      expect(new Set(names)).toEqual(new Set(stations))
    }),
  )
})
