import { describe, expect, test } from 'vitest'
import type { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { TraceBus } from '../../src/common/Trace.ts'
import { ByteBufferSend } from '../../src/network/ByteBufferSend.ts'
import { ChannelMetadataRegistry } from '../../src/network/ChannelMetadataRegistry.ts'
import {
  afterMuteEvent,
  type ChannelMuteEvent,
  type ChannelMuteState,
} from '../../src/network/ChannelMuteState.ts'
import { ChannelState } from '../../src/network/ChannelState.ts'
import { ClientInformation } from '../../src/network/ClientInformation.ts'
import { KafkaChannel } from '../../src/network/KafkaChannel.ts'
import { MemoryPool } from '../../src/network/MemoryPool.ts'
import { NetworkSend } from '../../src/network/NetworkSend.ts'
import { SelectionKey } from '../../src/network/nio/SelectionKey.ts'
import type { SocketChannel } from '../../src/network/nio/SocketChannel.ts'
import { SimpleMemoryPool } from '../../src/network/SimpleMemoryPool.ts'
import type { TransportLayer } from '../../src/network/TransportLayer.ts'
import { covers } from '../support/covers.ts'

/** A transport that takes and gives what a test says. */
class ScriptedTransport implements TransportLayer {
  /** How many bytes the next writes take. */
  readonly takes: number[] = []
  /** What the next reads give. */
  readonly gives: Uint8Array[] = []
  interest = 0
  readonly calls: string[] = []

  ready = () => true
  finishConnect = () => true
  isConnected = () => true
  handshake = () => {}
  hasPendingWrites = () => false
  hasBytesBuffered = () => false
  isMute = () => (this.interest & SelectionKey.OP_READ) === 0
  disconnect = () => void this.calls.push('disconnect')
  close = () => void this.calls.push('close')

  socketChannel(): SocketChannel {
    throw new Error('there is no socket')
  }

  selectionKey(): SelectionKey<SocketChannel> {
    throw new Error('there is no key')
  }

  addInterestOps(ops: number): void {
    this.interest |= ops
  }

  removeInterestOps(ops: number): void {
    this.interest &= ~ops
  }

  write(): number {
    return this.takes.shift() ?? 0
  }

  read(into: ByteBuffer): number {
    const chunk = this.gives.shift()
    if (chunk === undefined) return 0
    into.putBytes(chunk)
    return chunk.length
  }
}

const channelOver = (transportLayer: ScriptedTransport, memoryPool: MemoryPool = MemoryPool.NONE) =>
  new KafkaChannel({
    id: '0',
    transportLayer,
    authenticator: {
      authenticate: () => {},
      complete: () => true,
      handleAuthenticationFailure: () => {},
      close: () => {},
    },
    maxReceiveSize: 1024,
    memoryPool,
    metadataRegistry: new ChannelMetadataRegistry(),
    trace: new TraceBus(new MockTime()).from('test'),
  })

describe('KafkaChannel', () => {
  test('has one send at a time, complete when all of it was written', () => {
    covers('KafkaChannelTest.testSending')
    const transport = new ScriptedTransport()
    const channel = channelOver(transport)
    const bytes = ByteBufferSend.sizePrefixed(new Uint8Array(128))
    const send = new NetworkSend('0', bytes)
    channel.setSend(send)
    expect(channel.hasSend()).toBe(true)
    expect(transport.interest).toBe(SelectionKey.OP_WRITE)
    expect(() => channel.setSend(send)).toThrow('has not left yet')

    transport.takes.push(4, 64, 64)
    expect(channel.write()).toBe(4)
    expect(bytes.remaining()).toBe(128)
    expect(channel.maybeCompleteSend()).toBeNull()
    expect(channel.write()).toBe(64)
    expect(bytes.remaining()).toBe(64)
    expect(channel.maybeCompleteSend()).toBeNull()
    expect(channel.write()).toBe(64)
    expect(channel.maybeCompleteSend()).toBe(send)
    expect(channel.hasSend()).toBe(false)
    expect(transport.interest).toBe(0)
    expect(channel.write()).toBe(0)
  })

  test('has one receive at a time, handed out when it is whole', () => {
    covers('KafkaChannelTest.testReceiving')
    const transport = new ScriptedTransport()
    const channel = channelOver(transport)
    transport.gives.push(new Uint8Array([0, 0, 0, 128]))
    expect(channel.read()).toBe(4)
    expect(channel.currentReceive()?.bytesRead()).toBe(4)
    expect(channel.maybeCompleteReceive()).toBeNull()
    for (const read of [68, 132]) {
      transport.gives.push(new Uint8Array(64))
      expect(channel.read()).toBe(64)
      expect(channel.currentReceive()?.bytesRead()).toBe(read)
      if (read === 68) expect(channel.maybeCompleteReceive()).toBeNull()
    }
    const receive = channel.maybeCompleteReceive()
    expect(receive?.payload().remaining()).toBe(128)
    expect(receive?.source).toBe('0')
    expect(channel.currentReceive()).toBeNull()
    expect(channel.maybeCompleteReceive()).toBeNull()
  })

  test('mutes itself when a frame of known size finds no memory', () => {
    const pool = new SimpleMemoryPool({ sizeBytes: 9, maxSingleAllocationBytes: 9, strict: true })
    const held = pool.tryAllocate(9)!
    const transport = new ScriptedTransport()
    transport.interest = SelectionKey.OP_READ
    const channel = channelOver(transport, pool)
    transport.gives.push(new Uint8Array([0, 0]))
    channel.read()
    expect(channel.isMuted()).toBe(false)
    expect(channel.isInMutableState()).toBe(true) // in Java, too, before the size is known
    transport.gives.push(new Uint8Array([0, 8]))
    channel.read()
    expect(channel.muteState()).toBe('MUTED')
    expect(transport.isMute()).toBe(true)
    pool.release(held)
    expect(channel.maybeUnmute()).toBe(true)
    transport.gives.push(new Uint8Array(8))
    channel.read()
    expect(channel.isInMutableState()).toBe(false)
    expect(channel.isMuted()).toBe(false)
    channel.close()
    expect(pool.availableMemory()).toBe(9)
  })

  test('leaves the interest of a disconnected transport alone', () => {
    const transport = new ScriptedTransport()
    transport.interest = SelectionKey.OP_READ
    const channel = channelOver(transport)
    channel.disconnect()
    channel.mute()
    expect(channel.isMuted()).toBe(true)
    expect(transport.interest).toBe(SelectionKey.OP_READ)
    transport.interest = 0
    expect(channel.maybeUnmute()).toBe(true)
    expect(transport.interest).toBe(0)
    channel.close()
    expect(transport.calls).toEqual(['disconnect', 'close'])
  })

  test('forgets who the client was when it is closed', () => {
    const channel = channelOver(new ScriptedTransport())
    const client = new ClientInformation('annotated-kafka', '')
    channel.metadataRegistry.registerClientInformation(client)
    expect(client.softwareVersion).toBe('unknown')
    expect(client.equals(new ClientInformation('annotated-kafka', 'unknown'))).toBe(true)
    expect(client.equals(ClientInformation.EMPTY)).toBe(false)
    channel.close()
    expect(channel.metadataRegistry.clientInformation()).toBeNull()
  })

  test('prints what it is', () => {
    const channel = channelOver(new ScriptedTransport())
    channel.setState(new ChannelState('NOT_CONNECTED', 'host:9092'))
    expect(`${channel}`).toBe('KafkaChannel(id=0, NOT_CONNECTED (host:9092), NOT_MUTED)')
  })
})

describe('the mute states', () => {
  const allowed: [ChannelMuteState, ChannelMuteEvent, ChannelMuteState][] = [
    ['MUTED', 'REQUEST_RECEIVED', 'MUTED_AND_RESPONSE_PENDING'],
    ['MUTED_AND_RESPONSE_PENDING', 'RESPONSE_SENT', 'MUTED'],
    ['MUTED_AND_RESPONSE_PENDING', 'THROTTLE_STARTED', 'MUTED_AND_THROTTLED_AND_RESPONSE_PENDING'],
    ['MUTED_AND_THROTTLED_AND_RESPONSE_PENDING', 'RESPONSE_SENT', 'MUTED_AND_THROTTLED'],
    ['MUTED_AND_THROTTLED_AND_RESPONSE_PENDING', 'THROTTLE_ENDED', 'MUTED_AND_RESPONSE_PENDING'],
    ['MUTED_AND_THROTTLED', 'THROTTLE_ENDED', 'MUTED'],
  ]
  const states: ChannelMuteState[] = [
    'NOT_MUTED',
    'MUTED',
    'MUTED_AND_RESPONSE_PENDING',
    'MUTED_AND_THROTTLED',
    'MUTED_AND_THROTTLED_AND_RESPONSE_PENDING',
  ]
  const events: ChannelMuteEvent[] = [
    'REQUEST_RECEIVED',
    'RESPONSE_SENT',
    'THROTTLE_STARTED',
    'THROTTLE_ENDED',
  ]

  test('change as Kafka allows, and every other event is an error', () => {
    for (const state of states) {
      for (const event of events) {
        const rule = allowed.find(([from, on]) => from === state && on === event)
        if (rule !== undefined) expect(afterMuteEvent(state, event)).toBe(rule[2])
        else {
          expect(() => afterMuteEvent(state, event)).toThrow(
            `Cannot transition from ${state} for ${event}`,
          )
        }
      }
    }
  })

  test('only a channel that is merely muted can be unmuted', () => {
    const channel = channelOver(new ScriptedTransport())
    channel.mute()
    channel.handleChannelMuteEvent('REQUEST_RECEIVED')
    channel.handleChannelMuteEvent('THROTTLE_STARTED')
    channel.mute() // muted already: nothing changes
    for (const event of ['RESPONSE_SENT', 'THROTTLE_ENDED'] as const) {
      expect(channel.maybeUnmute()).toBe(false)
      channel.handleChannelMuteEvent(event)
    }
    expect(channel.maybeUnmute()).toBe(true)
    expect(channel.muteState()).toBe('NOT_MUTED')
  })
})
