import { expect, test } from 'vitest'
import { AdminMetadataManager } from '../../src/admin/internals/AdminMetadataManager.ts'
import { Cluster } from '../../src/common/Cluster.ts'
import { Node } from '../../src/common/Node.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

test('a lost connection did not make the picture of the cluster be asked for again', () => {
  const nowMs = 1_000_000
  const logger = new RecordingLogger()
  const manager = new AdminMetadataManager({
    refreshBackoffMs: 100,
    metadataExpireMs: 300_000,
    logger,
  })
  manager.update(new Cluster({ clusterId: 'c', nodes: [new Node(0, 'localhost', 9092)] }), nowMs)
  expect(manager.metadataFetchDelayMs(nowMs)).toBe(300_000)
  const lost = { nodeId: '0', authenticationException: null, problem: null }
  manager.updater.handleServerDisconnect(nowMs, lost)
  expect(manager.metadataFetchDelayMs(nowMs)).toBe(0)
})
