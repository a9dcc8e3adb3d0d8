/** What a page does not have. Each use says what to take instead. */

import type { RawAccept, RawFiles, RawServer, RawSocket, RawSocketEvents } from '../primitives.ts'

const absent = (what: string, instead: string): never => {
  throw new Error(`A page has no ${what}: use ${instead} instead.`)
}

export const connectTcp = (_host: string, _port: number, _events: RawSocketEvents): RawSocket =>
  absent('TCP sockets', 'MemoryNetwork')

export const listenTcp = (
  _host: string,
  _port: number,
  _accept: RawAccept,
  _failed: (error: Error) => void,
): Promise<RawServer> => absent('TCP sockets', 'MemoryNetwork')

const noFile = (): never => absent('files', 'MemoryStorage')

export const files: RawFiles = {
  open: noFile,
  exists: noFile,
  list: noFile,
  makeDirectory: noFile,
  rename: noFile,
  remove: noFile,
  join: (...parts) => parts.join('/'),
}
