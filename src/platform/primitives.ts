/**
 * What the machine below gives us, as narrow as the floors above need it.
 *
 * The same names are exported by `node/index.ts` and by `browser/index.ts`; the import `#platform`
 * chooses one of the two. Nothing here knows Kafka: the floors above adapt these primitives to
 * Kafka's own seams (`Time`, `SocketChannel`, `Storage`). Types only, so that both sides can be
 * held against one contract.
 */

/** A pending timer; what it holds is the platform's business. */
export type TimerHandle = object | number

/**
 * One TCP connection. Callbacks mark what happened; the work is done by whoever polls.
 *
 * Bytes given to `write` are not copied: the caller leaves them alone until `pendingBytes` is 0.
 */
export interface RawSocket {
  /**
   * Hands all chunks to the kernel in one gathering write; what does not fit is kept by reference.
   */
  write(chunks: readonly Uint8Array[]): void
  /** Bytes handed over and not yet taken by the kernel. */
  pendingBytes(): number
  /** Stops `data` callbacks: the kernel's window fills and the peer is held back. */
  pause(): void
  /** Lets `data` callbacks come again. */
  resume(): void
  /** Sends FIN after everything pending; reading goes on. */
  end(): void
  /** Closes at once, whatever is pending. */
  destroy(): void
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
}

/** What a `RawSocket` tells its owner. */
export interface RawSocketEvents {
  connected(): void
  data(chunk: Uint8Array): void
  /** Everything written so far has been taken by the kernel. */
  flushed(): void
  /** The peer will send nothing more (FIN). */
  ended(): void
  /** The socket is gone; `error` says why, if it was not an orderly close. Called once. */
  closed(error: Error | undefined): void
}

/** A listening TCP socket. */
export interface RawServer {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

/** Called for each accepted connection; returns who listens to it. */
export type RawAccept = (socket: RawSocket) => RawSocketEvents

/** An open file. Reads and writes are synchronous and positioned; only `flush` is awaited. */
export interface RawFile {
  /** Fills `into` from `position` on; returns the bytes read, fewer at the end of the file. */
  read(position: number, into: Uint8Array): number
  /** Writes all of `bytes` at `position`; returns after write(2). */
  write(position: number, bytes: Uint8Array): void
  size(): number
  truncate(size: number): void
  /** fsync(2): what was written survives a power loss once this resolves. */
  flush(): Promise<void>
  close(): void
}

/** The few operations on files that a log needs. Paths are the machine's own. */
export interface RawFiles {
  open(path: string): RawFile
  exists(path: string): boolean
  /** Names in a directory, sorted. */
  list(path: string): string[]
  /** Makes a directory and its parents; an existing one is fine. */
  makeDirectory(path: string): void
  rename(from: string, to: string): void
  /** Removes a file or a whole directory; an absent one is fine. */
  remove(path: string): void
  join(...parts: string[]): string
}

/** A named channel that a process-wide observer may subscribe to (`node:diagnostics_channel`). */
export interface RawDiagnosticsChannel {
  readonly hasSubscribers: boolean
  publish(message: unknown): void
  /** Returns the way to stop listening. */
  subscribe(listener: (message: unknown) => void): () => void
}
