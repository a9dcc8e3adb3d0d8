/** What a broker has to have before anything is measured, through this project's admin client. */

import { KafkaAdminClient } from '../src/admin/KafkaAdminClient.ts'
import { TopicExistsException } from '../src/common/errors/ApiExceptions.ts'

export const createTopics = async (
  bootstrap: string,
  numPartitions: number,
  ...names: string[]
): Promise<void> => {
  const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrap })
  try {
    const shape = { numPartitions, replicationFactor: 1 }
    await admin.createTopics(names.map((name) => ({ name, ...shape }))).all()
  } catch (error) {
    // Nobody else uses these names: a first attempt was carried out, and its answer was lost.
    if (!(error instanceof TopicExistsException)) throw error
  } finally {
    await admin.close()
  }
}

/**
 * Has the broker make its offsets topic and load all of it: a client that comes earlier is told to
 * wait, and not every client does.
 */
export const loadGroups = async (bootstrap: string): Promise<void> => {
  const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrap })
  try {
    await admin.listConsumerGroupOffsets('nobody').all()
    await admin.listGroups().all()
  } finally {
    await admin.close()
  }
}
