/** What a selector has to bear: foreign protocols, torn frames, lost peers, little memory. */

import { describe, expect, test } from 'vitest'
import { AuthenticationException } from '../../src/common/errors/ApiExceptions.ts'
import { IOException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import type { Authenticator } from '../../src/network/Authenticator.ts'
import { ByteBufferSend } from '../../src/network/ByteBufferSend.ts'
import type { BuildChannelOptions } from '../../src/network/ChannelBuilder.ts'
import { ChannelState } from '../../src/network/ChannelState.ts'
import { KafkaChannel } from '../../src/network/KafkaChannel.ts'
import { NetworkSend } from '../../src/network/NetworkSend.ts'
import { PlaintextChannelBuilder } from '../../src/network/PlaintextChannelBuilder.ts'
import { PlaintextTransportLayer } from '../../src/network/PlaintextTransportLayer.ts'
import { Selector, type SelectorOptions } from '../../src/network/Selector.ts'
import { SimpleMemoryPool } from '../../src/network/SimpleMemoryPool.ts'
import { covers } from '../support/covers.ts'
import { bytesOf, EchoServer, frame, frameBytes, Listener, RawPeer, textOf } from './peers.ts'
import {
  CONNECTION_MAX_IDLE_MS,
  inBothWorlds,
  ReadingAhead,
  runInMemory,
  type World,
} from './world.ts'

const NO_IDLE = { connectionMaxIdleMs: Selector.NO_IDLE_TIMEOUT_MS }

/** A selector under test with one connection, '0', and the raw peer at its other end. */
const withPeer = async (world: World, options: Partial<SelectorOptions> = {}) => {
  const listener = await Listener.open(world)
  const selector = world.selector(options)
  selector.connect('0', world.serverHost, listener.port)
  const accepting = listener.acceptPeer()
  while (selector.connected().length === 0) await selector.poll(1_000)
  const peer = await accepting
  world.atEnd(() => peer.close())
  return { listener, selector, peer }
}

/** Polls until '0' is gone. */
const untilGone = async (selector: Selector): Promise<ChannelState> => {
  while (selector.disconnected().size === 0) await selector.poll(1_000)
  return selector.disconnected().get('0')!
}

const nextText = async (selector: Selector): Promise<string> => {
  do await selector.poll(1_000)
  while (selector.completedReceives().length === 0 && selector.disconnected().size === 0)
  return selector.completedReceives().map(textOf).join()
}

describe('bytes that are no frames', () => {
  const wrong: [string, Uint8Array, string][] = [
    [
      'a port that speaks HTTP',
      bytesOf('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'Invalid receive (size = 1213486160 larger than 1000)',
    ],
    [
      'a frame one byte above the limit',
      new Uint8Array([0, 0, 3, 233]),
      'Invalid receive (size = 1001 larger than 1000)',
    ],
    [
      'a negative length',
      new Uint8Array([255, 255, 255, 255, 0, 0]),
      'Invalid receive (size = -1)',
    ],
  ]
  for (const [what, bytes, message] of wrong) {
    inBothWorlds(`${what} ends the connection, and the log says why`, async (world) => {
      const { selector, peer } = await withPeer(world, { maxReceiveSize: 1000 })
      await peer.write(bytes)
      expect(await untilGone(selector)).toBe(ChannelState.READY)
      expect(selector.completedReceives()).toEqual([])
      const [warning] = world.logger.messages('warn')
      expect(warning).toContain(message)
      expect(warning).toContain('channelId=0')
      expect(warning).toContain('Does the other side speak Kafka?')
    })
  }

  inBothWorlds('a frame of exactly the limit is welcome', async (world) => {
    const { selector, peer } = await withPeer(world, { maxReceiveSize: 1000 })
    await peer.write(frameBytes(new Uint8Array(1000).fill(97)))
    expect(await nextText(selector)).toBe('a'.repeat(1000))
  })

  inBothWorlds('a foreign client is dropped, the others go on', async (world) => {
    const { selector } = await withPeer(world)
    const server = await EchoServer.start(world)
    selector.connect('good', world.serverHost, server.port)
    while (!selector.isChannelReady('good')) await selector.poll(1_000)
    const stranger = await RawPeer.connect(world, server.port)
    await stranger.write(new Uint8Array([0x80, 0, 0, 0]))
    expect(await stranger.readToEnd()).toMatch(/end|error/)
    selector.send(frame('good', 'still here'))
    expect(await nextText(selector)).toBe('still here')
    stranger.close()
  })

  inBothWorlds('200 connections with random bytes leave nothing behind', async (world) => {
    const server = await EchoServer.start(world)
    const { selector } = server
    const random = new SeededRandom(7)
    const count = 200
    const one = async (): Promise<void> => {
      const peer = await RawPeer.connect(world, server.port)
      const bytes = random.nextBytes(1 + random.nextInt(64))
      // A length that cannot be, or is far above the limit.
      bytes[0] = 0x7f + random.nextInt(0x80)
      const half = random.nextInt(bytes.length)
      const alive = peer.write(bytes.subarray(0, half), bytes.subarray(half))
      await alive.catch((e: unknown) => expect(e).toBeInstanceOf(IOException))
      // Fewer than four bytes are no length yet: nobody would answer them.
      if (bytes.length >= 4 && random.nextBoolean()) await peer.readToEnd()
      peer.close()
    }
    for (let i = 0; i < count; i += 200) await Promise.all(Array.from({ length: 200 }, one))
    const good = world.selector(NO_IDLE)
    good.connect('0', world.serverHost, server.port)
    while (!good.isChannelReady('0')) await good.poll(1_000)
    good.send(frame('0', 'serving'))
    expect(await nextText(good)).toBe('serving')
    while (selector.channels().length > 1) await good.poll(1)
    expect(selector.channels()).toHaveLength(1)
    expect(world.logger.messages('error')).toEqual([])
  })
})

describe('frames in pieces', () => {
  inBothWorlds('a frame may come byte by byte', async (world) => {
    const { selector, peer } = await withPeer(world)
    for (const byte of frameBytes(bytesOf('slow'))) {
      await peer.write(new Uint8Array([byte]))
      await selector.poll(5)
    }
    while (selector.completedReceives().length === 0) await selector.poll(1_000)
    expect(selector.completedReceives().map(textOf)).toEqual(['slow'])
  })

  inBothWorlds('many frames in one piece are handed out one by one', async (world) => {
    const { selector, peer } = await withPeer(world)
    const frames = ['one', '', 'three', 'four'].map((text) => frameBytes(bytesOf(text)))
    await peer.write(...frames)
    const texts: string[] = []
    while (texts.length < 4) {
      await selector.poll(1_000)
      expect(selector.completedReceives().length).toBeLessThanOrEqual(1)
      texts.push(...selector.completedReceives().map(textOf))
    }
    expect(texts).toEqual(['one', '', 'three', 'four'])
  })

  test('a channel that is handled twice in one poll gives one frame all the same', () =>
    runInMemory(async (world) => {
      const { selector, peer } = await withPeer(world)
      await peer.write(frameBytes(bytesOf('one')), frameBytes(bytesOf('two')))
      expect(await nextText(selector)).toBe('one')
      const keys = new Set([selector.channel('0')!.selectionKey()])
      selector.pollSelectionKeys(keys, false, world.time.hiResClockMs())
      expect(selector.completedReceives().map(textOf)).toEqual(['one'])
      expect(await nextText(selector)).toBe('two')
    }))

  test('a network that tears everything into 1 to 7 bytes changes nothing but the time', () =>
    runInMemory(
      async (world) => {
        const server = await EchoServer.start(world)
        const selector = world.selector()
        selector.connect('0', world.serverHost, server.port)
        while (selector.connected().length === 0) await selector.poll(1_000)
        for (const text of ['torn', '', 'x'.repeat(500)]) {
          selector.send(frame('0', text))
          expect(await nextText(selector)).toBe(text)
        }
      },
      { link: { segmentBytes: [1, 7], latencyMs: [0, 3] } },
    ))
})

describe('a kernel that does not take everything', () => {
  inBothWorlds('a send is complete when the last byte was taken, not before', async (world) => {
    const { selector, peer } = await withPeer(world, NO_IDLE)
    const payload = new Uint8Array(32 * 1024 * 1024).fill(1)
    const send = new NetworkSend('0', ByteBufferSend.sizePrefixed(payload))
    selector.send(send)
    // The peer does not read: no window, no progress, however often we poll.
    for (let i = 0; i < 20; i++) await selector.poll(1)
    expect(selector.completedSends()).toEqual([])
    expect(send.completed()).toBe(false)
    const reading = peer.read(4 + payload.length)
    while (selector.completedSends().length === 0) await selector.poll(1_000)
    expect(selector.completedSends()).toEqual([send])
    payload.fill(2) // pooled memory is used again: what was sent must not change
    const received = await reading
    expect(received.length).toBe(4 + payload.length)
    expect(received.subarray(4).every((byte) => byte === 1)).toBe(true)
  })

  inBothWorlds('who does not read holds the other side back', async (world) => {
    const { selector, peer } = await withPeer(world, NO_IDLE)
    selector.mute('0')
    const size = 32 * 1024 * 1024
    let written = false
    const writing = peer.write(frameBytes(new Uint8Array(size))).then(() => {
      written = true
    })
    for (let i = 0; i < 50; i++) await selector.poll(1)
    expect(written).toBe(false)
    selector.unmute('0')
    while (selector.completedReceives().length === 0) await selector.poll(1_000)
    expect(selector.completedReceives()[0]!.size()).toBe(4 + size)
    await writing
  })
})

describe('peers that are lost', () => {
  inBothWorlds('a peer that leaves with unread bytes is told as gone', async (world) => {
    const { selector, peer } = await withPeer(world, NO_IDLE)
    selector.send(frame('0', 'never read'))
    while (selector.completedSends().length === 0) await selector.poll(1_000)
    await world.pass(5)
    peer.close()
    expect(await untilGone(selector)).toBe(ChannelState.READY)
  })

  test('a reset fails the send that is under way, and the frames before it are read', () =>
    runInMemory(async (world) => {
      const { selector, peer } = await withPeer(world, NO_IDLE)
      await peer.write(frameBytes(bytesOf('last words')))
      await world.pass(1)
      world.memory!.faults.breakConnections('client', 'server')
      expect(await nextText(selector)).toBe('last words')
      selector.send(frame('0', 'anybody?'))
      expect(await untilGone(selector)).toBe(ChannelState.READY)
      expect(selector.completedSends()).toEqual([])
    }))

  test('a failed send ends the connection at once: frames not read yet are dropped', () =>
    runInMemory(async (world) => {
      const { selector, peer } = await withPeer(world, NO_IDLE)
      await peer.write(frameBytes(bytesOf('read')), frameBytes(bytesOf('dropped')))
      await world.pass(1)
      world.memory!.faults.breakConnections('client', 'server')
      selector.send(frame('0', 'anybody?'))
      await selector.poll(1_000)
      expect(selector.completedReceives().map(textOf)).toEqual(['read'])
      expect(selector.disconnected().get('0')).toBe(ChannelState.READY)
      expect(selector.closingChannel('0')).toBeUndefined()
    }))

  test('a connection that breaks within a frame gives no frame', () =>
    runInMemory(async (world) => {
      const { selector, peer } = await withPeer(world, NO_IDLE)
      world.memory!.faults.cutAfter('server', 'client', 10)
      await peer.write(frameBytes(new Uint8Array(100)))
      expect(await untilGone(selector)).toBe(ChannelState.READY)
      expect(selector.completedReceives()).toEqual([])
      expect(selector.closingChannel('0')).toBeUndefined()
    }))

  test('a partition is silence, until it heals or the connection is idle for too long', () =>
    runInMemory(async (world) => {
      const { selector, peer } = await withPeer(world)
      const { faults } = world.memory!
      faults.partition('client', 'server')
      await peer.write(frameBytes(bytesOf('held')))
      await selector.poll(1_000)
      expect(selector.completedReceives()).toEqual([])
      faults.heal('client', 'server')
      expect(await nextText(selector)).toBe('held')
      faults.isolate('server')
      await peer.write(frameBytes(bytesOf('never')))
      await selector.poll(CONNECTION_MAX_IDLE_MS + 1)
      expect(selector.disconnected().get('0')).toBe(ChannelState.EXPIRED)
    }))
})

describe('connections made at once', () => {
  const loopback = { connectsAtOnce: true }

  test('they are told by the next poll, which does not wait', () =>
    runInMemory(async (world) => {
      covers('SelectorTest.testImmediatelyConnectedCleaned')
      const listener = await Listener.open(world)
      for (const closeAfterPoll of [true, false]) {
        const selector = world.selector({ network: world.serverNetwork })
        selector.connect('0', 'localhost', listener.port)
        const key = selector.channel('0')!.selectionKey()
        expect(key.interestOps()).toBe(0)
        if (closeAfterPoll) {
          const before = world.time.milliseconds()
          await selector.poll(60_000)
          expect(world.time.milliseconds()).toBe(before)
          expect(selector.connected()).toEqual(['0'])
          expect(selector.isChannelReady('0')).toBe(true)
        }
        selector.closeChannel('0')
        await selector.poll(10)
        expect(selector.connected()).toEqual([])
        expect(key.isValid()).toBe(false)
      }
    }, loopback))

  test('one that fails while it is registered leaves nothing', () =>
    runInMemory(async (world) => {
      covers('SelectorTest.testConnectException')
      const listener = await Listener.open(world)
      for (const fails of [false, true]) {
        class FailingSelector extends Selector {
          protected override registerChannel(
            ...args: Parameters<Selector['registerChannel']>
          ): ReturnType<Selector['registerChannel']> {
            const key = super.registerChannel(...args)
            key.cancel()
            if (fails) throw new IOException('Test exception')
            return key
          }
        }
        const options = world.selectorOptions({ network: world.serverNetwork })
        const selector = new FailingSelector(options)
        expect(() => selector.connect('0', 'localhost', listener.port)).toThrow()
        expect(selector.channel('0')).toBeUndefined()
        await selector.poll(0)
        expect(selector.disconnected().size).toBe(0)
        selector.close()
      }
    }, loopback))
})

describe('channels that cannot be made or closed', () => {
  inBothWorlds('a channel that cannot be built closes its socket', async (world) => {
    covers('SelectorTest.registerFailure')
    class FailingBuilder extends PlaintextChannelBuilder {
      override buildChannel(): never {
        throw new Error('Test exception')
      }
    }
    const selector = world.selector({ channelBuilder: new FailingBuilder() })
    const socketChannel = world.clientNetwork.openSocketChannel()
    expect(() => selector.register('1', socketChannel)).toThrow(IOException)
    expect(socketChannel.isOpen()).toBe(false)
    expect(selector.channel('1')).toBeUndefined()
  })

  inBothWorlds('closing goes on when one channel fails to close', async (world) => {
    covers('SelectorTest.testCloseAllChannels')
    let closed = 0
    class StubbornBuilder extends PlaintextChannelBuilder {
      override buildChannel(options: BuildChannelOptions): KafkaChannel {
        const channel = super.buildChannel(options)
        const close = channel.close.bind(channel)
        channel.close = () => {
          closed++
          close()
          if (options.id === '0') throw new Error('you should fail')
        }
        return channel
      }
    }
    const server = await EchoServer.start(world)
    const options = world.selectorOptions({ channelBuilder: new StubbornBuilder() })
    const selector = new Selector(options)
    selector.connect('0', world.serverHost, server.port)
    selector.connect('1', world.serverHost, server.port)
    expect(() => selector.close()).toThrow('you should fail')
    expect(closed).toBe(2)
  })

  inBothWorlds('channels may be closed while receives are looked at', async (world) => {
    covers('SelectorTest.testChannelCloseWhileProcessingReceives')
    const server = await EchoServer.start(world)
    const selector = world.selector(NO_IDLE)
    const ids = ['0', '1', '2', '3']
    for (const id of ids) selector.connect(id, world.serverHost, server.port)
    while (!ids.every((id) => selector.isChannelReady(id))) await selector.poll(1_000)
    selector.muteAll()
    for (const id of ids) selector.send(frame(id, id))
    while (server.echoed < 4) await selector.poll(1)
    selector.unmuteAll()
    await world.pass(1)
    let seen = 0
    while (seen < 2) {
      await selector.poll(1_000)
      for (const receive of selector.completedReceives()) {
        expect(selector.channel(receive.source)).toBeDefined()
        if (seen++ < 2) selector.closeChannel(receive.source)
      }
    }
    expect(selector.channels()).toHaveLength(2)
    await selector.poll(0)
    expect(selector.disconnected().size).toBe(0)
  })

  test('a send may complete although its last write moved no byte', () =>
    runInMemory(async (world) => {
      covers('SelectorTest.testWriteCompletesSendWithNoBytesWritten')
      const { selector } = await withPeer(world)
      const channel = selector.channel('0')!
      const send = new NetworkSend('0', new ByteBufferSend([new Uint8Array(0)]))
      channel.setSend(send)
      selector.write(channel)
      expect(selector.completedSends()).toEqual([send])
    }))
})

describe('memory', () => {
  /** Two clients with a frame of 900 bytes each, and a pool for one of them. */
  const underPressure = async (world: World) => {
    const pool = new SimpleMemoryPool({
      sizeBytes: 900,
      maxSingleAllocationBytes: 900,
      strict: false,
    })
    const random = new SeededRandom(3)
    const selector = world.selector({ memoryPool: pool, random, ...NO_IDLE })
    const listener = await Listener.open(world)
    for (const id of ['X', 'Y']) {
      const peer = await RawPeer.connect(world, listener.port)
      world.atEnd(() => peer.close())
      await peer.write(frameBytes(random.nextBytes(900)))
      selector.register(id, (await listener.accept())!)
    }
    return { pool, selector }
  }

  const nextReceive = async (selector: Selector) => {
    while (selector.completedReceives().length === 0) await selector.poll(1_000)
    expect(selector.completedReceives()).toHaveLength(1)
    return selector.completedReceives()[0]!
  }

  inBothWorlds('a frame without memory waits in its socket until there is some', async (world) => {
    covers('SelectorTest.testMuteOnOOM')
    const { pool, selector } = await underPressure(world)
    const first = await nextReceive(selector)
    expect(pool.availableMemory()).toBe(0)
    while (!selector.isOutOfMemory()) await selector.poll(10)
    await selector.poll(10)
    expect(selector.completedReceives()).toEqual([])
    expect(pool.availableMemory()).toBe(0)
    expect(selector.channels().filter((c) => c.isMuted())).toHaveLength(1)
    first.close()
    expect(pool.availableMemory()).toBe(900)
    const second = await nextReceive(selector)
    expect(second.source).not.toBe(first.source)
    expect(selector.isOutOfMemory()).toBe(false)
    second.close()
    expect(pool.availableMemory()).toBe(900)
  })

  inBothWorlds('a channel muted on purpose stays muted when memory comes back', async (world) => {
    const { selector } = await underPressure(world)
    const first = await nextReceive(selector)
    while (!selector.isOutOfMemory()) await selector.poll(10)
    const waiting = selector.channels().find((c) => c.isMuted())!
    selector.mute(waiting.id)
    first.close()
    await selector.poll(10)
    expect(selector.isOutOfMemory()).toBe(false)
    expect(waiting.isMuted()).toBe(true)
    expect(selector.completedReceives()).toEqual([])
    selector.unmute(waiting.id)
    expect((await nextReceive(selector)).source).toBe(waiting.id)
  })

  inBothWorlds('a channel that is closed gives its half-read frame back', async (world) => {
    const { pool, selector } = await underPressure(world)
    ;(await nextReceive(selector)).close()
    while (selector.channels().some((c) => c.currentReceive() === null)) {
      await selector.poll(10)
      for (const receive of selector.completedReceives()) receive.close()
      if (pool.availableMemory() === 900) break
    }
    selector.close()
    expect(pool.availableMemory()).toBe(900)
  })

  test('while memory is low chance decides who is read first', () =>
    runInMemory(async (world) => {
      const pool = new SimpleMemoryPool({
        sizeBytes: 1000,
        maxSingleAllocationBytes: 1000,
        strict: false,
      })
      let draws = 0
      const random = new SeededRandom(1)
      const nextInt = random.nextInt.bind(random)
      random.nextInt = (bound) => {
        draws++
        return nextInt(bound)
      }
      const selector = world.selector({ memoryPool: pool, random, ...NO_IDLE })
      const listener = await Listener.open(world)
      const peers: RawPeer[] = []
      for (const id of ['0', '1', '2', '3']) {
        peers.push(await RawPeer.connect(world, listener.port))
        selector.register(id, (await listener.accept())!)
      }
      const firsts = new Set<string>()
      for (let round = 0; round < 20; round++) {
        // Once with all the memory, then with less than a tenth of it left.
        if (round === 1) expect(draws).toBe(0)
        const held = round === 0 ? null : pool.tryAllocate(950)
        for (const peer of peers) await peer.write(frameBytes(new Uint8Array(10)))
        await world.pass(5)
        await selector.poll(1_000)
        const receives = selector.completedReceives()
        expect(receives).toHaveLength(4)
        if (round > 0) firsts.add(receives[0]!.source)
        for (const receive of receives) receive.close()
        if (held !== null) pool.release(held)
      }
      expect(draws).toBe(19 * 3)
      expect(firsts.size).toBeGreaterThan(1)
      for (const peer of peers) peer.close()
    }))

  test('a bounded pool without chance is refused', () =>
    runInMemory(async (world) => {
      const memoryPool = new SimpleMemoryPool({
        sizeBytes: 10,
        maxSingleAllocationBytes: 10,
        strict: true,
      })
      expect(() => world.selector({ memoryPool })).toThrow('needs a random')
    }))
})

describe('transports that read ahead', () => {
  class ReadingAheadBuilder extends PlaintextChannelBuilder {
    override buildChannel(options: BuildChannelOptions): KafkaChannel {
      const transportLayer = new ReadingAhead(options.key, options.id, options.trace)
      return new KafkaChannel({ ...options, transportLayer, authenticator: NOBODY })
    }
  }

  const channelBuilder = new ReadingAheadBuilder()
  const frames = (...texts: string[]) => texts.map((text) => frameBytes(bytesOf(text)))

  test('their bytes are polled although the socket is silent', () =>
    runInMemory(async (world) => {
      const { selector, peer } = await withPeer(world, { channelBuilder, ...NO_IDLE })
      await peer.write(...frames('a', 'b', 'c'))
      expect(await nextText(selector)).toBe('a')
      const before = world.time.milliseconds()
      for (const text of ['b', 'c']) {
        await selector.poll(60_000)
        expect(selector.completedReceives().map(textOf)).toEqual([text])
        expect(selector.isMadeReadProgressLastPoll()).toBe(true)
      }
      expect(world.time.milliseconds()).toBe(before)
      await selector.poll(500) // nothing is left: this one waits
      expect(world.time.milliseconds()).toBe(before + 500)
    }))

  test('a channel muted with bytes read ahead is polled when it is unmuted', () =>
    runInMemory(async (world) => {
      const { selector, peer } = await withPeer(world, { channelBuilder, ...NO_IDLE })
      await peer.write(...frames('now', 'later'))
      expect(await nextText(selector)).toBe('now')
      selector.mute('0')
      await selector.poll(100)
      expect(selector.completedReceives()).toEqual([])
      selector.unmute('0')
      const before = world.time.milliseconds()
      await selector.poll(60_000)
      expect(selector.completedReceives().map(textOf)).toEqual(['later'])
      expect(world.time.milliseconds()).toBe(before)
    }))

  test('bytes read ahead for which there is no memory do not make polls spin', () =>
    runInMemory(async (world) => {
      const memoryPool = new SimpleMemoryPool({
        sizeBytes: 10,
        maxSingleAllocationBytes: 10,
        strict: false,
      })
      const options = { channelBuilder, memoryPool, random: new SeededRandom(1), ...NO_IDLE }
      const { selector, peer } = await withPeer(world, options)
      const held = memoryPool.tryAllocate(10)!
      await peer.write(...frames('starved'))
      await selector.poll(1_000) // takes the size, and finds no memory
      expect(selector.isOutOfMemory()).toBe(true)
      await selector.poll(1_000) // tries once more, at once
      expect(selector.isMadeReadProgressLastPoll()).toBe(false)
      const before = world.time.milliseconds()
      await selector.poll(1_000)
      expect(world.time.milliseconds()).toBe(before + 1_000)
      memoryPool.release(held)
      expect(await nextText(selector)).toBe('starved')
    }))
})

const NOBODY: Authenticator = {
  authenticate: () => {},
  complete: () => true,
  handleAuthenticationFailure: () => {},
  close: () => {},
}

describe('authentication', () => {
  /** Channels whose authenticator does as `authenticate` says, and is never complete before. */
  const builder = (authenticator: Partial<Authenticator>): PlaintextChannelBuilder => {
    class Builder extends PlaintextChannelBuilder {
      override buildChannel(options: BuildChannelOptions): KafkaChannel {
        const { key, id, trace } = options
        const transportLayer = new PlaintextTransportLayer(key, id, trace)
        const whole = { ...NOBODY, complete: () => false, ...authenticator }
        return new KafkaChannel({ ...options, transportLayer, authenticator: whole })
      }
    }
    return new Builder()
  }

  inBothWorlds('connected and gone in one poll is told as gone only', async (world) => {
    covers('SelectorTest.testConnectDisconnectDuringInSinglePoll')
    const listener = await Listener.open(world)
    const channelBuilder = builder({
      authenticate: () => {
        throw new IOException('broken')
      },
    })
    const selector = world.selector({ channelBuilder })
    selector.connect('1', world.serverHost, listener.port)
    const key = selector.channel('1')!.selectionKey()
    while (selector.disconnected().size === 0) {
      await selector.poll(1_000)
      expect(selector.connected()).toEqual([])
    }
    expect(selector.disconnected().get('1')?.state).toBe('AUTHENTICATE')
    expect(key.isValid()).toBe(false)
    expect(key.channel.isOpen()).toBe(false)
  })

  inBothWorlds('a channel is ready when its authenticator is', async (world) => {
    const listener = await Listener.open(world)
    let steps = 0
    const channelBuilder = builder({
      authenticate: () => {
        steps++
      },
      complete: () => steps >= 2,
    })
    const selector = world.selector({ channelBuilder })
    selector.connect('0', world.serverHost, listener.port)
    const peer = await Promise.all([listener.acceptPeer(), selector.poll(1_000)]).then(([p]) => p)
    while (steps < 1) await selector.poll(1_000)
    expect(selector.isChannelReady('0')).toBe(false)
    expect(selector.channel('0')!.state().state).toBe('AUTHENTICATE')
    await peer.write(new Uint8Array([0, 0, 0, 0]))
    while (!selector.isChannelReady('0')) await selector.poll(1_000)
    expect(selector.channel('0')!.state()).toBe(ChannelState.READY)
    peer.close()
  })

  const refused = (calls: string[]): Partial<Authenticator> => ({
    authenticate: () => {
      calls.push('authenticate')
      throw new AuthenticationException('wrong password')
    },
    handleAuthenticationFailure: () => calls.push('tell'),
    close: () => calls.push('close'),
  })

  inBothWorlds('a refusal is told and closed at once without a delay', async (world) => {
    const calls: string[] = []
    const { selector, peer } = await withRefusal(world, calls, 0)
    while (selector.disconnected().size === 0) await selector.poll(1_000)
    const state = selector.disconnected().get('0')!
    expect(state.state).toBe('AUTHENTICATION_FAILED')
    expect(state.exception?.message).toBe('wrong password')
    expect(calls).toEqual(['authenticate', 'tell', 'close'])
    expect(world.logger.messages('info').join()).toContain('wrong password')
    peer.close()
  })

  inBothWorlds(
    'with a delay the peer waits for it, and no step is made meanwhile',
    async (world) => {
      const calls: string[] = []
      const { selector, peer } = await withRefusal(world, calls, 1_000)
      while (calls.length === 0) await selector.poll(1_000)
      for (let i = 0; i < 3; i++) await selector.poll(1)
      expect(calls).toEqual(['authenticate'])
      expect(selector.disconnected().size).toBe(0)
      await world.pass(1_001)
      await selector.poll(1)
      expect(calls).toEqual(['authenticate', 'tell', 'close'])
      expect(selector.disconnected().get('0')?.state).toBe('AUTHENTICATION_FAILED')
      peer.close()
    },
  )

  const withRefusal = async (
    world: World,
    calls: string[],
    failedAuthenticationDelayMs: number,
  ) => {
    const listener = await Listener.open(world)
    const channelBuilder = builder(refused(calls))
    const selector = world.selector({ channelBuilder, failedAuthenticationDelayMs, ...NO_IDLE })
    const peer = await RawPeer.connect(world, listener.port)
    selector.register('0', (await listener.accept())!)
    await peer.write(bytesOf('secret'))
    return { selector, peer }
  }
})

describe('one seed, one run', () => {
  /** All that is traced while two clients talk over a network that is slow and torn. */
  const traced = async (seed: number): Promise<string> => {
    const lines: string[] = []
    await runInMemory(
      async (world) => {
        world.traceBus.listen((entry) => lines.push(JSON.stringify(entry)))
        const server = await EchoServer.start(world)
        const selector = world.selector()
        for (const id of ['0', '1']) selector.connect(id, world.serverHost, server.port)
        for (let round = 0; round < 5; round++) {
          while (!['0', '1'].every((id) => selector.isChannelReady(id))) await selector.poll(50)
          for (const id of ['0', '1']) selector.send(frame(id, `${id}-${round}`.repeat(40)))
          for (let answers = 0; answers < 2; answers += selector.completedReceives().length) {
            await selector.poll(50)
          }
        }
      },
      { seed, link: { latencyMs: [0.5, 4], segmentBytes: [1, 90] } },
    )
    return lines.join('\n')
  }

  test('the same seed gives the same trace, another seed another', async () => {
    const seen = new Set<string>()
    for (let seed = 1; seed <= 8; seed++) {
      const trace = await traced(seed)
      expect(await traced(seed)).toBe(trace)
      seen.add(trace)
    }
    expect(seen.size).toBe(8)
  })

  test('the trace names every step of a frame', async () => {
    const names = (await traced(1)).split('\n').map((line) => JSON.parse(line).name as string)
    expect(new Set(names)).toEqual(
      new Set([
        'network.selector.connect',
        'network.selector.connected',
        'network.selector.send',
        'network.selector.poll',
        'network.selector.close',
        'network.channel.write',
        'network.transport.write',
        'network.transport.read',
        'network.channel.read',
      ]),
    )
  })
})
