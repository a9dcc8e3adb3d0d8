/**
 * `partition.metadata`: which topic a partition's directory belongs to, by id.
 *
 *     version: 0
 *     topic_id: Hk3oVTK7Qm2yqyhzQW9oFw
 *
 * A topic can be deleted and made again under the same name while a broker is away. The name of the
 * directory would say nothing then; the id says that what lies here is not the new topic's.
 *
 * @kafka org.apache.kafka.storage.internals.checkpoint.PartitionMetadataFile
 */

import { InconsistentTopicIdException } from '../../common/errors/ApiExceptions.ts'
import { KafkaException } from '../../common/errors.ts'
import { Uuid } from '../../common/Uuid.ts'
import { utf8Bytes, utf8Read } from '../../common/utf8.ts'
import { writeWhole } from './CheckpointFile.ts'
import { joinPath, parentPath, readWhole, type Storage } from './Storage.ts'

const FILE_NAME = 'partition.metadata'
const CURRENT_VERSION = 0

export class PartitionMetadataFile {
  readonly path: string
  private readonly storage: Storage

  constructor(storage: Storage, dir: string) {
    this.storage = storage
    this.path = joinPath(dir, FILE_NAME)
  }

  exists(): boolean {
    return this.storage.exists(this.path)
  }

  /**
   * The topic's id: what the file says, or `given`, which is then written down.
   *
   * @throws InconsistentTopicIdException when the directory belongs to another topic
   */
  topicIdOr(given: Uuid | undefined): Uuid | undefined {
    const stored = this.read()
    if (stored === undefined) {
      if (given !== undefined) this.record(given)
      return given
    }
    if (given !== undefined && !given.equals(stored)) {
      throw new InconsistentTopicIdException(
        `Tried to assign topic ID ${given} to the log in '${parentPath(this.path)}', but the log ` +
          `already contained topic ID ${stored}`,
      )
    }
    return stored
  }

  record(topicId: Uuid): void {
    const text = `version: ${CURRENT_VERSION}\ntopic_id: ${topicId}\n`
    writeWhole(this.storage, this.path, utf8Bytes(text))
  }

  /**
   * The topic's id, or `undefined` when there is no file or a power loss tore it: the metadata of
   * the cluster says it then.
   *
   * @throws KafkaException when the file is of a version of its own
   */
  read(): Uuid | undefined {
    const bytes = readWhole(this.storage, this.path)
    if (bytes === undefined) return undefined
    const text = utf8Read(bytes, 0, bytes.length)
    const found = /^version: (\d+)\ntopic_id: (\S+)\n$/.exec(text)
    if (found === null) return undefined
    if (Number(found[1]) !== CURRENT_VERSION) {
      throw new KafkaException(
        `'${this.path}' has version ${found[1]}, and only ${CURRENT_VERSION} can be read.`,
      )
    }
    return Uuid.fromString(found[2]!)
  }
}
