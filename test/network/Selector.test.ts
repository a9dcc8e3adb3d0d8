/** The same behaviour in memory and over TCP: what `SelectorTest` asks of Kafka's. */

import { describe, expect } from 'vitest'
import { IllegalStateException } from '../../src/common/errors.ts'
import { ChannelState } from '../../src/network/ChannelState.ts'
import type { KafkaChannel } from '../../src/network/KafkaChannel.ts'
import { Selector } from '../../src/network/Selector.ts'
import { covers } from '../support/covers.ts'
import { EchoServer, frame, Listener, textOf } from './peers.ts'
import { CONNECTION_MAX_IDLE_MS, inBothWorlds, type World } from './world.ts'

const connect = async (world: World, selector: Selector, id: string, port: number) => {
  selector.connect(id, world.serverHost, port)
  while (!selector.connected().includes(id)) {
    await selector.poll(1_000)
    expect(selector.disconnected().size).toBe(0)
  }
  expect(selector.isChannelReady(id)).toBe(true)
}

/** Sends a frame and waits for the answer. */
const request = async (selector: Selector, id: string, text: string): Promise<string> => {
  selector.send(frame(id, text))
  for (;;) {
    await selector.poll(1_000)
    expect(selector.disconnected().size).toBe(0)
    const answer = selector.completedReceives().find((receive) => receive.source === id)
    if (answer !== undefined) return textOf(answer)
  }
}

/** An echo server, and a selector connected with it as '0'. */
const connected = async (world: World) => {
  const server = await EchoServer.start(world)
  const selector = world.selector()
  await connect(world, selector, '0', server.port)
  return { server, selector, channel: selector.channel('0')! }
}

/** Sends frames and does not read the answers: they pile up on their way. */
const sendNoReceive = async (selector: Selector, channel: KafkaChannel, count: number) => {
  selector.mute(channel.id)
  for (let i = 0; i < count; i++) {
    selector.send(frame(channel.id, String(i)))
    do await selector.poll(10)
    while (selector.completedSends().length === 0)
  }
  selector.unmute(channel.id)
}

/** One whose connections can be made to end for another reason than that the peer left. */
class EndingSelector extends Selector {
  endGracefully(id: string): void {
    this.closeWithMode(this.channel(id)!, 'GRACEFUL')
  }
}

/** Connected as '0', with `count` answers on our side that nobody has read. */
const withUnreadAnswers = async (world: World, count: number) => {
  const server = await EchoServer.start(world)
  const selector = new EndingSelector(world.selectorOptions())
  world.atEnd(() => selector.close())
  await connect(world, selector, '0', server.port)
  const channel = selector.channel('0')!
  await sendNoReceive(selector, channel, count)
  selector.mute('0')
  while (server.echoed < count) await selector.poll(1)
  // On their way they are no more: two turns later everything has been taken from the kernel.
  await selector.poll(0)
  await selector.poll(0)
  await world.pass(1)
  return { server, selector, channel }
}

const untilDisconnected = async (selector: Selector, id: string): Promise<ChannelState> => {
  for (;;) {
    await selector.poll(1_000)
    const state = selector.disconnected().get(id)
    if (state !== undefined) return state
  }
}

/** Nothing is left of what the selector knew. */
const expectEmpty = async (selector: Selector): Promise<void> => {
  for (const channel of selector.channels()) {
    selector.closeChannel(channel.id)
    expect(channel.selectionKey().attachment()).toBeNull()
  }
  await selector.poll(0)
  await selector.poll(0)
  for (const [name, value] of Object.entries(selector)) {
    if (value instanceof Map || value instanceof Set) expect([name, value.size]).toEqual([name, 0])
    if (Array.isArray(value)) expect([name, value.length]).toEqual([name, 0])
  }
}

describe('connecting', () => {
  inBothWorlds('a connection that nobody listens to ends as not connected', async (world) => {
    covers('SelectorTest.testConnectionRefused')
    const listener = await Listener.open(world)
    const { port } = listener
    listener.close()
    const selector = world.selector()
    selector.connect('0', world.serverHost, port)
    const state = await untilDisconnected(selector, '0')
    expect(state.state).toBe('NOT_CONNECTED')
    expect(state.remoteAddress).toBe(`${world.serverHost}:${port}`)
    expect(selector.connected()).toEqual([])
    await expectEmpty(selector)
  })

  inBothWorlds('a host name without address ends as not connected', async (world) => {
    covers('SelectorTest.testNoRouteToHost')
    const selector = world.selector()
    selector.connect('0', 'no such host', 9092)
    expect((await untilDisconnected(selector, '0')).remoteAddress).toBe('no such host:9092')
    await expectEmpty(selector)
  })

  inBothWorlds('an id is taken until its connection is gone', async (world) => {
    covers('SelectorTest.testExistingConnectionId')
    const { selector, server } = await connected(world)
    expect(() => selector.connect('0', world.serverHost, server.port)).toThrow(
      'There is already a connection for id 0',
    )
    selector.closeChannel('0')
    await connect(world, selector, '0', server.port)
    await expectEmpty(selector)
  })

  inBothWorlds('a server that leaves is told, and can be connected again', async (world) => {
    covers('SelectorTest.testServerDisconnect')
    const { selector, server, channel } = await connected(world)
    expect(await request(selector, '0', 'hello')).toBe('hello')
    server.closeConnections()
    expect(await untilDisconnected(selector, '0')).toBe(ChannelState.READY)
    expect(channel.selectionKey().attachment()).toBeNull()
    await connect(world, selector, '0', server.port)
    expect(await request(selector, '0', 'hello')).toBe('hello')
    await expectEmpty(selector)
  })
})

describe('sending and receiving', () => {
  inBothWorlds('answers come in the order of the requests of each connection', async (world) => {
    covers('SelectorTest.testNormalOperation')
    const [connections, requests] = [5, 100]
    const server = await EchoServer.start(world)
    const selector = world.selector()
    const sent = new Map<string, number>()
    const answered = new Map<string, number>()
    for (let i = 0; i < connections; i++) await connect(world, selector, `${i}`, server.port)
    for (let i = 0; i < connections; i++) selector.send(frame(`${i}`, `${i}-0`))
    while ([...answered.values()].reduce((a, b) => a + b, 0) < connections * requests) {
      await selector.poll(1_000)
      expect(selector.disconnected().size).toBe(0)
      for (const receive of selector.completedReceives()) {
        const { source } = receive
        expect(receive.payload().position).toBe(0)
        expect(textOf(receive)).toBe(`${source}-${answered.get(source) ?? 0}`)
        answered.set(source, (answered.get(source) ?? 0) + 1)
      }
      for (const { destinationId: id } of selector.completedSends()) {
        const next = (sent.get(id) ?? 0) + 1
        sent.set(id, next)
        if (next < requests) selector.send(frame(id, `${id}-${next}`))
      }
    }
    await expectEmpty(selector)
  })

  inBothWorlds('a frame larger than any socket buffer arrives whole', async (world) => {
    covers('SelectorTest.testSendLargeRequest')
    const { selector } = await connected(world)
    const large = 'x'.repeat(10 * 1024 * 1024)
    expect((await request(selector, '0', large)) === large).toBe(true)
    await expectEmpty(selector)
  })

  inBothWorlds('large frames follow each other without a gap', async (world) => {
    covers('SelectorTest.testLargeMessageSequence')
    const { selector } = await connected(world)
    const prefix = 'y'.repeat(512 * 1024)
    const count = 20
    let sent = 0
    let received = 0
    selector.send(frame('0', `${prefix}-${sent++}`))
    while (received < count) {
      await selector.poll(1_000)
      expect(selector.disconnected().size).toBe(0)
      for (const receive of selector.completedReceives()) {
        expect(textOf(receive) === `${prefix}-${received++}`).toBe(true)
      }
      if (selector.completedSends().length > 0 && sent < count) {
        selector.send(frame('0', `${prefix}-${sent++}`))
      }
    }
    await expectEmpty(selector)
  })

  inBothWorlds('an empty frame is a frame', async (world) => {
    covers('SelectorTest.testEmptyRequest')
    const { selector } = await connected(world)
    expect(await request(selector, '0', '')).toBe('')
    await expectEmpty(selector)
  })

  inBothWorlds('a second send before the first has left closes the connection', async (world) => {
    covers('SelectorTest.testCantSendWithInProgress')
    const { selector } = await connected(world)
    selector.send(frame('0', 'test1'))
    expect(() => selector.send(frame('0', 'test2'))).toThrow(IllegalStateException)
    await selector.poll(0)
    expect(selector.disconnected().get('0')).toBe(ChannelState.FAILED_SEND)
    await expectEmpty(selector)
  })

  inBothWorlds('a send without a connection is refused', async (world) => {
    covers('SelectorTest.testSendWithoutConnecting')
    const selector = world.selector()
    expect(() => selector.send(frame('0', 'test'))).toThrow('There is no connection of id 0')
    await expectEmpty(selector)
  })

  inBothWorlds('results can be let go of before the next poll', async (world) => {
    covers('SelectorTest.testClearCompletedSendsAndReceives')
    const { selector } = await connected(world)
    selector.send(frame('0', 'z'.repeat(1024)))
    let [sent, received] = [false, false]
    while (!sent || !received) {
      await selector.poll(1_000)
      expect(selector.disconnected().size).toBe(0)
      if (selector.completedSends().length > 0) {
        expect(selector.completedSends()).toHaveLength(1)
        selector.clearCompletedSends()
        expect(selector.completedSends()).toHaveLength(0)
        sent = true
      }
      if (selector.completedReceives().length > 0) {
        expect(selector.completedReceives().map(textOf)).toEqual(['z'.repeat(1024)])
        selector.clearCompletedReceives()
        expect(selector.completedReceives()).toHaveLength(0)
        received = true
      }
    }
    await expectEmpty(selector)
  })

  inBothWorlds('a caller may keep the results of a poll over the next one', async (world) => {
    const { selector } = await connected(world)
    selector.send(frame('0', 'kept'))
    while (selector.completedSends().length === 0) await selector.poll(1_000)
    const sends = selector.completedSends()
    await selector.poll(0)
    expect(sends).toHaveLength(1)
    await expectEmpty(selector)
  })
})

describe('muting', () => {
  inBothWorlds('a muted connection is not read until it is unmuted', async (world) => {
    covers('SelectorTest.testMute')
    const { selector, server } = await connected(world)
    await connect(world, selector, '1', server.port)
    selector.send(frame('0', 'hello'))
    selector.send(frame('1', 'hi'))
    selector.mute('1')
    while (selector.completedReceives().length === 0) await selector.poll(5)
    expect(selector.completedReceives().map((r) => r.source)).toEqual(['0'])
    selector.unmute('1')
    do await selector.poll(5)
    while (selector.completedReceives().length === 0)
    expect(selector.completedReceives().map((r) => r.source)).toEqual(['1'])
    await expectEmpty(selector)
  })

  inBothWorlds('muteAll and unmuteAll reach every connection', async (world) => {
    const { selector, server } = await connected(world)
    await connect(world, selector, '1', server.port)
    selector.muteAll()
    expect(selector.channels().map((c) => c.muteState())).toEqual(['MUTED', 'MUTED'])
    selector.unmuteAll()
    expect(selector.channels().map((c) => c.isMuted())).toEqual([false, false])
    expect(await request(selector, '1', 'again')).toBe('again')
    await expectEmpty(selector)
  })

  inBothWorlds('a channel whose request is worked on stays muted', async (world) => {
    const { selector, channel } = await connected(world)
    selector.mute('0')
    channel.handleChannelMuteEvent('REQUEST_RECEIVED')
    selector.unmute('0')
    expect(channel.muteState()).toBe('MUTED_AND_RESPONSE_PENDING')
    channel.handleChannelMuteEvent('RESPONSE_SENT')
    selector.unmute('0')
    expect(channel.isMuted()).toBe(false)
    expect(await request(selector, '0', 'next')).toBe('next')
    await expectEmpty(selector)
  })
})

describe('idle connections', () => {
  inBothWorlds('the connection that is idle for too long is closed', async (world) => {
    covers('SelectorTest.testCloseOldestConnection')
    const { selector } = await connected(world)
    await world.pass(CONNECTION_MAX_IDLE_MS + 1_000)
    await selector.poll(0)
    expect(selector.disconnected().get('0')).toBe(ChannelState.EXPIRED)
    await expectEmpty(selector)
  })

  inBothWorlds('it is closed although no key was ever ready', async (world) => {
    covers('SelectorTest.testIdleExpiryWithoutReadyKeys')
    const server = await EchoServer.start(world)
    const selector = world.selector()
    selector.connect('0', world.serverHost, server.port)
    selector.channel('0')!.selectionKey().setInterestOps(0)
    await world.pass(CONNECTION_MAX_IDLE_MS + 1_000)
    await selector.poll(0)
    expect(selector.disconnected().get('0')).toBe(ChannelState.EXPIRED)
    await expectEmpty(selector)
  })

  inBothWorlds('a muted connection expires although answers wait for it', async (world) => {
    covers('SelectorTest.testExpireConnectionWithPendingReceives')
    const { selector, channel } = await connected(world)
    await sendNoReceive(selector, channel, 5)
    await expectExpiry(world, selector, channel)
  })

  inBothWorlds('it expires also when the server has left meanwhile', async (world) => {
    covers('SelectorTest.testExpireClosedConnectionWithPendingReceives')
    const { selector, channel, server } = await connected(world)
    await sendNoReceive(selector, channel, 5)
    server.closeConnections()
    await expectExpiry(world, selector, channel)
  })

  inBothWorlds('a connection with something to read is not idle', async (world) => {
    covers('SelectorTest.testCloseOldestConnectionWithMultiplePendingReceives')
    const { selector, channel } = await connected(world)
    await sendNoReceive(selector, channel, 5)
    let received = selector.completedReceives().length
    while (selector.disconnected().size === 0) {
      await world.pass(CONNECTION_MAX_IDLE_MS + 1_000)
      await selector.poll(received === 5 ? 0 : 1_000)
      received += selector.completedReceives().length
    }
    expect(received).toBe(5)
    expect(selector.disconnected().get('0')).toBe(ChannelState.EXPIRED)
    expect(selector.channel('0')).toBeUndefined()
    expect(selector.closingChannel('0')).toBeUndefined()
    await expectEmpty(selector)
  })

  inBothWorlds('the channel to give up first is the one idle for longest', async (world) => {
    covers('SelectorTest.testLowestPriorityChannel')
    const { selector, server } = await connected(world)
    for (const id of ['1', '2', '3']) await connect(world, selector, id, server.port)
    for (const id of ['3', '1', '0']) expect(await request(selector, id, '')).toBe('')
    expect(selector.lowestPriorityChannel()?.id).toBe('2')
    for (const id of ['0', '1', '2', '3']) selector.closeChannel(id)
    expect(selector.lowestPriorityChannel()).toBeUndefined()
    await expectEmpty(selector)
  })

  inBothWorlds('a channel that is closing already is given up first', async (world) => {
    covers('SelectorTest.testLowestPriorityChannel')
    const { selector, server } = await withUnreadAnswers(world, 2)
    await connect(world, selector, '1', server.port)
    selector.endGracefully('0')
    expect(selector.lowestPriorityChannel()?.id).toBe('0')
    selector.closeChannel('0')
    expect(selector.lowestPriorityChannel()?.id).toBe('1')
    await expectEmpty(selector)
  })

  const expectExpiry = async (world: World, selector: Selector, channel: KafkaChannel) => {
    const { id } = channel
    selector.mute(id)
    await world.pass(CONNECTION_MAX_IDLE_MS + 1_000)
    // Muted, it may wait in `closingChannels`: it still has something to hand out.
    await selector.poll(0)
    expect(selector.channel(id)).toBeUndefined()
    expect(channel.state()).toBe(ChannelState.EXPIRED)
    expect(selector.closingChannel(id)).toBeUndefined()
    expect(selector.disconnected().get(id)).toBe(ChannelState.EXPIRED)
    expect(channel.selectionKey().attachment()).toBeNull()
    await expectEmpty(selector)
  }
})

describe('closing', () => {
  inBothWorlds(
    'frames received before the server left are handed out, one a poll',
    async (world) => {
      covers('SelectorTest.testGracefulClose')
      const { selector, server } = await withUnreadAnswers(world, 10)
      server.closeConnections()
      selector.unmute('0')
      const texts: string[] = []
      while (selector.disconnected().size === 0) {
        await selector.poll(1_000)
        expect(selector.completedReceives().length).toBeLessThanOrEqual(1)
        texts.push(...selector.completedReceives().map(textOf))
      }
      expect(texts).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
      expect([...selector.disconnected().keys()]).toEqual(['0'])
      await expectEmpty(selector)
    },
  )

  inBothWorlds('so are those of a channel that ends by itself', async (world) => {
    const { selector } = await withUnreadAnswers(world, 3)
    selector.unmute('0')
    selector.endGracefully('0')
    expect(selector.channel('0')).toBeUndefined()
    expect(selector.closingChannel('0')?.state()).toBe(ChannelState.READY)
    expect(() => selector.connect('0', world.serverHost, 1)).toThrow('still being closed')
    const texts = selector.completedReceives().map(textOf)
    while (selector.disconnected().size === 0) {
      await selector.poll(0)
      texts.push(...selector.completedReceives().map(textOf))
    }
    expect(texts).toEqual(['0', '1', '2'])
    expect(selector.closingChannel('0')).toBeUndefined()
    await expectEmpty(selector)
  })

  inBothWorlds('a closing channel that is muted waits for its turn', async (world) => {
    const { selector } = await withUnreadAnswers(world, 2)
    selector.endGracefully('0')
    for (let i = 0; i < 5; i++) {
      await selector.poll(0)
      expect(selector.completedReceives()).toEqual([])
      expect(selector.disconnected().size).toBe(0)
    }
    selector.unmute('0')
    await selector.poll(0)
    expect(selector.completedReceives().map(textOf)).toEqual(['0'])
    selector.closeChannel('0') // somebody has enough of it
    await selector.poll(0)
    expect(selector.disconnected().size).toBe(0)
    await expectEmpty(selector)
  })

  inBothWorlds('a part of a frame does not hold up the end', async (world) => {
    covers('SelectorTest.testPartialReceiveGracefulClose')
    const listener = await Listener.open(world)
    const selector = world.selector()
    selector.connect('0', world.serverHost, listener.port)
    const [peer] = await Promise.all([listener.acceptPeer(), selector.poll(1_000)])
    await peer.write(new Uint8Array([0, 1, 0, 0, 1, 2, 3]))
    while (selector.channel('0')?.currentReceive()?.bytesRead() !== 7) await selector.poll(1_000)
    expect(selector.completedReceives()).toEqual([])
    peer.close()
    await untilDisconnected(selector, '0')
    expect(selector.completedReceives()).toEqual([])
    expect(selector.closingChannel('0')).toBeUndefined()
    await expectEmpty(selector)
  })

  inBothWorlds('a send ends the wait of a closing connection', async (world) => {
    const { selector } = await withUnreadAnswers(world, 3)
    selector.endGracefully('0')
    selector.send(frame('0', 'too late'))
    await selector.poll(0)
    expect(selector.disconnected().get('0')).toBe(ChannelState.READY)
    expect(selector.completedReceives()).toEqual([])
    await expectEmpty(selector)
  })

  inBothWorlds('a connection closed here is not told as disconnected', async (world) => {
    const { selector, channel } = await connected(world)
    selector.closeChannel('0')
    expect(channel.state()).toBe(ChannelState.LOCAL_CLOSE)
    await selector.poll(0)
    expect(selector.disconnected().size).toBe(0)
    selector.closeChannel('0') // again: nothing happens
    await expectEmpty(selector)
  })

  inBothWorlds('closing the selector ends a poll that waits', async (world) => {
    const { selector, channel } = await connected(world)
    const polling = selector.poll(60_000)
    selector.close()
    await polling
    expect(channel.selectionKey().isValid()).toBe(false)
    await expect(selector.poll(0)).rejects.toThrow('closed')
  })

  inBothWorlds('a poll that waits is ended by wakeup, and only one may wait', async (world) => {
    const { selector } = await connected(world)
    const polling = selector.poll(60_000)
    await expect(selector.poll(0)).rejects.toThrow('one loop per selector')
    selector.wakeup()
    await polling
    await expect(selector.poll(-1)).rejects.toThrow('timeout')
    await expectEmpty(selector)
  })
})
