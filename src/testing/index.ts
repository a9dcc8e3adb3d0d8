/**
 * What `import … from 'annotated-kafka/testing'` gives: a cluster inside a test, and the means to
 * make a run repeat.
 */

export { EmbeddedCluster } from '../broker/EmbeddedCluster.ts'
export { MemoryStorage } from '../broker/log/MemoryStorage.ts'
export { MockClient } from '../clients/MockClient.ts'
export { MockTime } from '../common/MockTime.ts'
export { type Random, SeededRandom } from '../common/Random.ts'
export { Simulation, type SimulationOptions } from '../common/Simulation.ts'
export type { LinkSettings } from '../network/nio/MemoryLink.ts'
export { MemoryNetwork, type MemoryNetworkOptions } from '../network/nio/MemoryNetwork.ts'
export { MockConsumer } from './MockConsumer.ts'
export type { OffsetsByPartition } from './MockConsumerScript.ts'
export { MockProducer, type MockProducerOptions } from './MockProducer.ts'
export { SimulatedWorld, type SimulatedWorldOptions } from './SimulatedWorld.ts'
