/** The embedded cluster: `annotated-kafka/broker`. */

export { EmbeddedCluster, type EmbeddedClusterOptions } from './EmbeddedCluster.ts'
export type {
  ApiName,
  FaultAction,
  FaultBuilder,
  FaultErrorName,
  FaultFilter,
  FaultMoment,
  FaultRule,
  Faults,
} from './faults/Faults.ts'
export type { KafkaBroker } from './KafkaBroker.ts'
export { KAFKA_CONFIG_DEF, KafkaConfig, type KafkaConfigInput } from './KafkaConfig.ts'
export { FileStorage } from './log/FileStorage.ts'
export { MemoryStorage, type MemoryStorageOptions, type TornTail } from './log/MemoryStorage.ts'
export type { Storage, StorageFile } from './log/Storage.ts'
