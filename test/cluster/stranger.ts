/** Somebody at the other end who is no broker. */

import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import type { SocketChannel } from '../../src/network/nio/SocketChannel.ts'
import type { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'

/** How a stranger behaves: what it says to a new connection, and what to what it hears. */
export interface Manners {
  readonly greeting?: Uint8Array
  readonly answer?: Uint8Array
  readonly hangsUp?: boolean
}

/** Something that listens on `stranger:9092` and is no broker. */
export const stranger = async (world: SimulatedWorld, manners: Manners): Promise<() => void> => {
  const listener = world.network.host('stranger').openServerSocketChannel()
  await listener.bind('stranger', 9092)
  const open: SocketChannel[] = []
  const heard = ByteBuffer.allocate(10_000)
  const say = (channel: SocketChannel, bytes: Uint8Array | undefined): void => {
    if (bytes !== undefined) channel.write([bytes])
  }
  const serve = (channel: SocketChannel): void => {
    try {
      if (channel.read(heard.clear()) <= 0) return
      say(channel, manners.answer)
      if (manners.hangsUp) channel.close()
    } catch {
      channel.close() // the client has left
    }
  }
  listener.onReady = () => {
    for (let channel = listener.accept(); channel !== null; channel = listener.accept()) {
      const accepted = channel
      open.push(accepted)
      accepted.onReady = () => serve(accepted)
      say(accepted, manners.greeting)
    }
  }
  return () => {
    listener.close()
    for (const channel of open) channel.close()
  }
}
