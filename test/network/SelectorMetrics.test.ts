/** What a selector records, in memory and over TCP. */

import { describe, expect } from 'vitest'
import type { MetricTags } from '../../src/common/MetricName.ts'
import type { KafkaMetric } from '../../src/common/metrics/KafkaMetric.ts'
import { Metrics } from '../../src/common/metrics/Metrics.ts'
import { ClientInformation } from '../../src/network/ClientInformation.ts'
import { Selector } from '../../src/network/Selector.ts'
import type { SelectorMetricsOptions } from '../../src/network/SelectorMetrics.ts'
import { covers } from '../support/covers.ts'
import { EchoServer, frame, Listener, RawPeer } from './peers.ts'
import { inBothWorlds, type World } from './world.ts'

const GROUP = 'test-metrics'

const metered = (world: World, options: Partial<SelectorMetricsOptions> = {}) => {
  const metrics = new Metrics({ time: world.time })
  const selector = world.selector({ metrics: { metrics, metricGrpPrefix: 'test', ...options } })
  const metric = (name: string, tags: MetricTags = {}, group = GROUP): KafkaMetric | undefined =>
    metrics.metric(metrics.metricName(name, group, '', tags))
  const value = (name: string, tags: MetricTags = {}, group = GROUP) =>
    metric(name, tags, group)?.metricValue()
  return { metrics, selector, metric, value }
}

const connect = async (world: World, selector: Selector, id: string, port: number) => {
  selector.connect(id, world.serverHost, port)
  while (!selector.connected().includes(id)) await selector.poll(1_000)
}

describe('the bytes of a selector', () => {
  inBothWorlds('are counted as they go, also while a frame is under way', async (world) => {
    covers('SelectorTest.testPartialSendAndReceiveReflectedInMetrics')
    const server = await EchoServer.start(world)
    const { selector, value } = metered(world)
    await connect(world, selector, '0', server.port)
    const channel = selector.channel('0')!
    const send = frame('0', 'x'.repeat(2_000_000))
    selector.send(send)
    let seen = 0
    for (;;) {
      await selector.poll(50)
      const receive = channel.currentReceive()
      if (receive !== null) {
        seen++
        expect(value('incoming-byte-total')).toBe(receive.bytesRead())
      }
      if (selector.completedReceives().length > 0) break
    }
    expect(seen).toBeGreaterThan(0)
    expect(value('outgoing-byte-total')).toBe(send.size())
    expect(value('incoming-byte-total')).toBe(send.size())
    expect([value('request-total'), value('response-total')]).toEqual([1, 1])
    expect([value('request-size-avg'), value('request-size-max')]).toEqual([
      send.size(),
      send.size(),
    ])
    // Reads and writes of all connections: many of each.
    expect(value('network-io-total')).toBeGreaterThan(2)
    const ofNode = { 'node-id': 'node-0' }
    expect(value('outgoing-byte-total', ofNode, 'test-node-metrics')).toBe(send.size())
    expect(value('incoming-byte-total', ofNode, 'test-node-metrics')).toBe(send.size())
    expect(value('request-total', ofNode, 'test-node-metrics')).toBe(1)
    expect(value('response-total', ofNode, 'test-node-metrics')).toBe(1)
  })

  inBothWorlds('have no metrics of each connection where nobody wants them', async (world) => {
    const server = await EchoServer.start(world)
    const { metrics, selector } = metered(world, { metricsPerConnection: false })
    await connect(world, selector, '0', server.port)
    expect([...metrics.metrics().keys()].filter(({ tags }) => 'node-id' in tags)).toEqual([])
  })
})

describe('the connections of a selector', () => {
  inBothWorlds('that it makes are counted, and those that end', async (world) => {
    covers('SelectorTest.testOutboundConnectionsCountInConnectionCreationMetric')
    const server = await EchoServer.start(world)
    const { selector, value } = metered(world)
    for (let i = 0; i < 5; i++) await connect(world, selector, String(i), server.port)
    expect([value('connection-creation-total'), value('connection-count')]).toEqual([5, 5])
    selector.closeChannel('3')
    expect([value('connection-close-total'), value('connection-count')]).toEqual([1, 4])
  })

  inBothWorlds('that it is given are counted', async (world) => {
    covers('SelectorTest.testInboundConnectionsCountInConnectionCreationMetric')
    const listener = await Listener.open(world)
    const { selector, value } = metered(world)
    for (let i = 0; i < 5; i++) {
      const accepting = listener.accept()
      const peer = await RawPeer.connect(world, listener.port)
      world.atEnd(() => peer.close())
      selector.register(String(i), (await accepting)!)
    }
    expect([value('connection-creation-total'), value('connection-count')]).toEqual([5, 5])
  })

  inBothWorlds('are counted by what the other side calls itself', async (world) => {
    covers('SelectorTest.testConnectionsByClientMetric')
    const listener = await Listener.open(world)
    const { selector, value } = metered(world)
    const of = (clientSoftwareName: string, clientSoftwareVersion: string) =>
      value('connections', { clientSoftwareName, clientSoftwareVersion })
    const accepting = listener.accept()
    const peer = await RawPeer.connect(world, listener.port)
    world.atEnd(() => peer.close())
    selector.register('0', (await accepting)!)
    const registry = selector.channel('0')!.metadataRegistry
    expect(of('unknown', 'unknown')).toBe(1)
    expect(registry.clientInformation()).toBe(ClientInformation.EMPTY)

    registry.registerClientInformation(new ClientInformation('A', 'B'))
    registry.registerClientInformation(new ClientInformation('A', 'B'))
    expect([of('unknown', 'unknown'), of('A', 'B')]).toEqual([0, 1])
    selector.closeChannel('0')
    expect(of('A', 'B')).toBe(0)
  })
})

describe('the time of a selector', () => {
  inBothWorlds('is told apart into waiting and work', async (world) => {
    const { selector, value } = metered(world)
    const waiting = selector.poll(400)
    await world.pass(400)
    await waiting
    expect(value('select-total')).toBe(1)
    expect(value('io-wait-time-ns-total')).toBeGreaterThanOrEqual(400e6)
    expect(value('io-wait-time-ns-avg')).toBe(value('io-wait-time-ns-total'))
    expect(value('io-wait-ratio')).toBeGreaterThan(0.01)
    expect(value('io-time-ns-total')).toBeGreaterThanOrEqual(0)
    expect(value('io-time-ns-total')).toBeLessThan(400e6)
  })
})

describe('closing a selector', () => {
  inBothWorlds('removes its metrics, also when a connection fails to close', async (world) => {
    covers('SelectorTest.testMetricsCleanupOnSelectorClose')
    class Failing extends Selector {
      override closeChannel(id: string): void {
        super.closeChannel(id)
        throw new Error('cannot close')
      }
    }
    const server = await EchoServer.start(world)
    const metrics = new Metrics({ time: world.time })
    const options = world.selectorOptions({ metrics: { metrics, metricGrpPrefix: 'test' } })
    const selector = new Failing(options)
    await connect(world, selector, '0', server.port)
    expect(metrics.metrics().size).toBeGreaterThan(1)
    expect(() => selector.close()).toThrow('cannot close')
    expect([...metrics.metrics().keys()].map(({ group }) => group)).toEqual(['kafka-metrics-count'])
  })
})
