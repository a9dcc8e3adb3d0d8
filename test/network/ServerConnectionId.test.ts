import { describe, expect, test } from 'vitest'
import { ServerConnectionId } from '../../src/network/ServerConnectionId.ts'
import { EchoServer } from './peers.ts'
import { inBothWorlds } from './world.ts'

describe('ServerConnectionId', () => {
  test('an id is taken apart, with IPv4, IPv6 and no address', () => {
    const ends = [
      ['localhost', 9092],
      ['127.0.0.1', 9093],
      ['2001:db8::1', 2],
      ['fe80::b1da:69ca:57f7:63d8%3', 3],
      ['', 4],
    ] as const
    for (const [localHost, localPort] of ends) {
      for (const [remoteHost, remotePort] of ends) {
        const id = `${localHost}:${localPort}-${remoteHost}:${remotePort}-1-21`
        expect(ServerConnectionId.fromString(id)).toEqual({
          localHost,
          localPort,
          remoteHost,
          remotePort,
          processorId: 1,
          index: 21,
        })
      }
    }
  })

  test('what is no id gives null', () => {
    const wrong = [
      '',
      'localhost:9092-localhost:9093-1',
      'localhost:9092-localhost:9093-1-2-3',
      'localhost-localhost:9093-1-2',
      'localhost:x-localhost:9093-1-2',
      'localhost:9092-localhost:9093-x-2',
      '[::1]:9092-localhost:9093-1-2',
    ]
    for (const id of wrong) expect(ServerConnectionId.fromString(id)).toBeNull()
  })

  inBothWorlds('an id is made of both ends of a connection', async (world) => {
    const server = await EchoServer.start(world)
    const selector = world.selector()
    selector.connect('0', world.serverHost, server.port)
    while (!selector.isChannelReady('0') || selector.connected().length === 0) {
      await selector.poll(1_000)
    }
    const { channel } = selector.channel('0')!.selectionKey()
    const id = ServerConnectionId.generateConnectionId(channel, 3, 17)
    expect(ServerConnectionId.fromString(id)).toMatchObject({
      localPort: channel.localPort,
      remoteHost: world.serverHost,
      remotePort: server.port,
      processorId: 3,
      index: 17,
    })
  })
})
