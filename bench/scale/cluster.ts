/**
 * A cluster of brokers in a process of its own, its log on disk: `cluster.js BROKERS FOLDER`.
 *
 * Prints where it listens; ends when its parent closes the channel.
 */

import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { FileStorage } from '../../src/broker/log/FileStorage.ts'

const [brokers, folder] = process.argv.slice(2) as [string, string]
const cluster = await EmbeddedCluster.start({
  brokers: Number(brokers),
  storage: new FileStorage(folder),
})
process.on('disconnect', () => {
  void cluster.close().then(() => process.exit(0))
})
process.send!(cluster.bootstrapServers)
