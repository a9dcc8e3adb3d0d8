/**
 * `annotated-kafka broker`: the embedded broker as a process of its own, until Ctrl-C.
 */

import { EmbeddedCluster } from '../broker/EmbeddedCluster.ts'
import { FileStorage } from '../broker/log/FileStorage.ts'
import { MemoryStorage } from '../broker/log/MemoryStorage.ts'

export interface BrokerOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** Where the log lives; in memory when left out. */
  readonly dir?: string
  /** `key=value`, Kafka's own broker settings. */
  readonly config: Readonly<Record<string, string>>
}

/** Runs until `stop` resolves. Says where it listens once it does. */
export const runBroker = async (
  options: BrokerOptions,
  stop: Promise<void>,
  write: (text: string) => void,
): Promise<void> => {
  const cluster = await EmbeddedCluster.start({
    host: options.host,
    ports: [options.port],
    storage: options.dir === undefined ? new MemoryStorage() : new FileStorage(options.dir),
    config: options.config,
  })
  const where = options.dir === undefined ? 'in memory' : `in ${options.dir}`
  write(`A broker listens on ${cluster.bootstrapServers}, its log ${where}. Ctrl-C stops it.\n`)
  await stop
  await cluster.close()
}
