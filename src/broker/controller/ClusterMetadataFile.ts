/**
 * What a cluster must not forget: its id, its topics, and which producer ids were handed out.
 *
 * One file that is replaced as a whole: written beside its name, flushed, renamed. It is as durable
 * as a topic's creation has to be, and survives a crash at any moment as the old one or the new
 * one.
 *
 * @kafka org.apache.kafka.image.MetadataImage (as a snapshot of the metadata log)
 * @simplified Kafka keeps a replicated log of changes; that comes with the controller.
 */

import { KafkaException } from '../../common/errors.ts'
import { Uuid } from '../../common/Uuid.ts'
import { utf8Bytes, utf8Read } from '../../common/utf8.ts'
import { joinPath, readWhole, type Storage } from '../log/Storage.ts'
import type { PartitionRegistration, TopicImage } from '../metadata/MetadataImage.ts'

export interface ClusterState {
  readonly clusterId: string
  readonly nextProducerId: bigint
  readonly topics: readonly TopicImage[]
}

interface StoredTopic {
  readonly name: string
  readonly id: string
  readonly configs: Record<string, string>
  readonly partitions: readonly PartitionRegistration[]
}

interface StoredState {
  readonly version: number
  readonly clusterId: string
  readonly nextProducerId: string
  readonly topics: readonly StoredTopic[]
}

const FILE_NAME = 'cluster-metadata.json'
const VERSION = 1

export class ClusterMetadataFile {
  private readonly storage: Storage
  private readonly path: string

  constructor(storage: Storage, dir: string) {
    storage.makeDirectory(dir)
    this.storage = storage
    this.path = joinPath(dir, FILE_NAME)
  }

  /** `undefined` for a cluster that was never started. */
  read(): ClusterState | undefined {
    const bytes = readWhole(this.storage, this.path)
    if (bytes === undefined) return undefined
    const stored = parse(utf8Read(bytes, 0, bytes.length), this.path)
    return {
      clusterId: stored.clusterId,
      nextProducerId: BigInt(stored.nextProducerId),
      topics: stored.topics.map((topic) => ({ ...topic, id: Uuid.fromString(topic.id) })),
    }
  }

  /** Resolves once the state survives a power loss. */
  async write(state: ClusterState): Promise<void> {
    const stored: StoredState = {
      version: VERSION,
      clusterId: state.clusterId,
      nextProducerId: String(state.nextProducerId),
      topics: state.topics.map((topic) => ({ ...topic, id: topic.id.toString() })),
    }
    const temporary = `${this.path}.tmp`
    const file = this.storage.open(temporary)
    try {
      file.truncate(0)
      file.write(0, utf8Bytes(JSON.stringify(stored, null, 1)))
      await file.flush()
    } finally {
      file.close()
    }
    this.storage.rename(temporary, this.path)
  }
}

const parse = (text: string, path: string): StoredState => {
  let stored: StoredState
  try {
    stored = JSON.parse(text) as StoredState
  } catch (cause) {
    throw new KafkaException(
      `The cluster's metadata in '${path}' cannot be read. Restore the file, or start in an ` +
        'empty directory.',
      { cause },
    )
  }
  if (stored.version !== VERSION) {
    throw new KafkaException(
      `'${path}' has version ${stored.version}; this build reads version ${VERSION} only.`,
    )
  }
  return stored
}
