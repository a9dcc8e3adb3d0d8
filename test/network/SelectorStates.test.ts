/**
 * What a selector remembers of a connection from one poll to the next, and forgets with it: bytes
 * read ahead, muting, failed sends, delayed closing.
 */

import { describe, expect, test } from 'vitest'
import { AuthenticationException } from '../../src/common/errors/ApiExceptions.ts'
import type { Authenticator } from '../../src/network/Authenticator.ts'
import type { BuildChannelOptions } from '../../src/network/ChannelBuilder.ts'
import { KafkaChannel } from '../../src/network/KafkaChannel.ts'
import { SelectionKey } from '../../src/network/nio/SelectionKey.ts'
import { PlaintextChannelBuilder } from '../../src/network/PlaintextChannelBuilder.ts'
import { PlaintextTransportLayer } from '../../src/network/PlaintextTransportLayer.ts'
import { Selector, type SelectorOptions } from '../../src/network/Selector.ts'
import { bytesOf, frame, frameBytes, Listener, RawPeer, textOf } from './peers.ts'
import { inBothWorlds, ReadingAhead, runInMemory, type World } from './world.ts'

const NO_IDLE = { connectionMaxIdleMs: Selector.NO_IDLE_TIMEOUT_MS }

const builderOf = (
  Transport: typeof PlaintextTransportLayer,
  authenticator: Partial<Authenticator> = {},
) => {
  class Builder extends PlaintextChannelBuilder {
    override buildChannel(options: BuildChannelOptions): KafkaChannel {
      const { key, id, trace } = options
      return new KafkaChannel({
        ...options,
        transportLayer: new Transport(key, id, trace),
        authenticator: {
          authenticate: () => {},
          complete: () => true,
          handleAuthenticationFailure: () => {},
          close: () => {},
          ...authenticator,
        },
      })
    }
  }
  return new Builder()
}

/** A server's selector: it accepted one connection, '0', from a raw peer. */
const accepted = async (world: World, options: Partial<SelectorOptions> = {}) => {
  const listener = await Listener.open(world)
  const selector = world.selector({ ...NO_IDLE, ...options })
  const peer = await RawPeer.connect(world, listener.port)
  selector.register('0', (await listener.accept())!)
  world.atEnd(() => peer.close())
  return { selector, peer }
}

const frames = (...texts: string[]) => texts.map((text) => frameBytes(bytesOf(text)))

const nextText = async (selector: Selector): Promise<string> => {
  do await selector.poll(1_000)
  while (selector.completedReceives().length === 0)
  return selector.completedReceives().map(textOf).join()
}

describe('bytes read ahead', () => {
  const aheadOfTwo = async (world: World) => {
    const both = await accepted(world, { channelBuilder: builderOf(ReadingAhead) })
    await both.peer.write(...frames('now', 'later'))
    expect(await nextText(both.selector)).toBe('now')
    return both
  }

  /** How long a poll takes that would wait for 500 ms. */
  const pollMs = async ({ time }: World, selector: Selector): Promise<number> => {
    const before = time.milliseconds()
    await selector.poll(500)
    return time.milliseconds() - before
  }

  test('of a muted channel do not hurry a poll', () =>
    runInMemory(async (world) => {
      const { selector } = await aheadOfTwo(world)
      selector.mute('0')
      expect(await pollMs(world, selector)).toBe(500)
      expect(selector.completedReceives()).toEqual([])
    }))

  test('of a closed channel neither', () =>
    runInMemory(async (world) => {
      const { selector } = await aheadOfTwo(world)
      selector.closeChannel('0')
      expect(await pollMs(world, selector)).toBe(500)
    }))

  test('are polled at once after unmuting, also when the poll before read nothing', () =>
    runInMemory(async (world) => {
      const { selector } = await aheadOfTwo(world)
      selector.mute('0')
      selector.send(frame('0', 'busy'))
      while (selector.completedSends().length === 0) await selector.poll(500)
      expect(selector.isMadeReadProgressLastPoll()).toBe(false)
      selector.unmute('0')
      expect(await pollMs(world, selector)).toBe(0)
      expect(selector.completedReceives().map(textOf)).toEqual(['later'])
    }))

  test('wait until the request before is answered: unmuting alone is not enough', () =>
    runInMemory(async (world) => {
      const { selector } = await aheadOfTwo(world)
      selector.mute('0')
      const channel = selector.channel('0')!
      channel.handleChannelMuteEvent('REQUEST_RECEIVED')
      selector.unmute('0')
      expect(channel.isMuted()).toBe(true)
      expect(await pollMs(world, selector)).toBe(500)
      expect(selector.completedReceives()).toEqual([])
      channel.handleChannelMuteEvent('RESPONSE_SENT')
      selector.unmute('0')
      expect(await nextText(selector)).toBe('later')
    }))

  test('a poll that had nothing to do counts as progress', () =>
    runInMemory(async (world) => {
      const { selector } = await accepted(world)
      await selector.poll(0)
      expect(selector.isMadeReadProgressLastPoll()).toBe(true)
    }))
})

describe('a peer that sends and leaves', () => {
  inBothWorlds('is heard to the end by who accepted it, a frame a poll', async (world) => {
    const { selector, peer } = await accepted(world)
    await peer.write(...frames('one', 'two', 'three'))
    peer.close()
    const heard: string[] = []
    while (selector.disconnected().size === 0) {
      await selector.poll(1_000)
      const texts = selector.completedReceives().map(textOf)
      expect(texts.length).toBeLessThanOrEqual(1)
      heard.push(...texts)
    }
    expect(heard).toEqual(['one', 'two', 'three'])
    expect(selector.disconnected().get('0')?.state).toBe('READY')
  })
})

describe('a muted connection that has ended', () => {
  /** Ends a connection as a selector does that finds it broken. */
  class Ending extends Selector {
    endGracefully(id: string): void {
      this.closeWithMode(this.channel(id)!, 'GRACEFUL')
    }
  }

  const endedBehindMute = async (world: World) => {
    const listener = await Listener.open(world)
    const selector = new Ending(world.selectorOptions(NO_IDLE))
    world.atEnd(() => selector.close())
    const peer = await RawPeer.connect(world, listener.port)
    world.atEnd(() => peer.close())
    selector.register('0', (await listener.accept())!)
    await peer.write(...frames('first'))
    expect(await nextText(selector)).toBe('first')
    selector.mute('0')
    selector.endGracefully('0')
    expect(selector.closingChannel('0')?.state().state).toBe('READY')
    return selector
  }

  inBothWorlds('is told of once it is unmuted: it might have had more to say', async (world) => {
    const selector = await endedBehindMute(world)
    for (let i = 0; i < 3; i++) {
      await selector.poll(10)
      expect(selector.disconnected().size).toBe(0)
    }
    selector.unmute('0')
    await selector.poll(10)
    expect(selector.disconnected().get('0')?.state).toBe('READY')
    expect(selector.closingChannel('0')).toBeUndefined()
  })

  inBothWorlds('is not told of when it was closed here as well', async (world) => {
    const selector = await endedBehindMute(world)
    selector.closeChannel('0')
    expect(selector.closingChannel('0')).toBeUndefined()
    for (let i = 0; i < 3; i++) {
      expect(selector.disconnected().size).toBe(0)
      await selector.poll(10)
    }
  })
})

describe('closing', () => {
  test('because of a send that could not be begun says so on the trace bus', () =>
    runInMemory(async (world) => {
      const reasons: unknown[] = []
      world.traceBus.listen(({ name, fields }) => {
        if (name === 'network.selector.close') reasons.push((fields as { reason: string }).reason)
      })
      const { selector } = await accepted(world)
      await selector.poll(0)
      selector.send(frame('0', 'first'))
      expect(() => selector.send(frame('0', 'second'))).toThrow('has not left yet')
      expect(reasons).toEqual(['FAILED_SEND'])
    }))

  inBothWorlds('is done once where a login was refused, however long one polls', async (world) => {
    let told = 0
    let mayWrite = false
    const channelBuilder = builderOf(PlaintextTransportLayer, {
      authenticate: () => {
        throw new AuthenticationException('wrong password')
      },
      complete: () => false,
      handleAuthenticationFailure: () => {
        told++
        const interest = selector.channel('0')!.selectionKey().interestOps()
        mayWrite = (interest & SelectionKey.OP_WRITE) !== 0
      },
    })
    const delay = { failedAuthenticationDelayMs: 1_000 }
    const { selector, peer } = await accepted(world, { channelBuilder, ...delay })
    await peer.write(bytesOf('secret'))
    let gone = 0
    for (let i = 0; i < 5; i++) {
      await selector.poll(10)
      await world.pass(600)
      gone += selector.disconnected().size
    }
    // The refusal itself has to be written.
    expect([told, gone, mayWrite]).toEqual([1, 1, true])
  })
})
