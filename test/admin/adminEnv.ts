/**
 * An admin client on virtual time, whose broker is a `MockClient` with scripted answers.
 *
 *     await withAdmin({ nodes: 3 }, async ({ admin, client }) => {
 *       client.prepareResponse(ApiKeys.CREATE_TOPICS, {…})
 *       await admin.createTopics([{ name: 'orders' }]).all()
 *     })
 *
 * @kafka org.apache.kafka.clients.admin.AdminClientUnitTestEnv
 */

import type { AdminConfigInput } from '../../src/admin/AdminClientConfig.ts'
import { AdminMetadataManager } from '../../src/admin/internals/AdminMetadataManager.ts'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { MockClient } from '../../src/clients/MockClient.ts'
import type { ResponseInputOf } from '../../src/clients/RequestBuilder.ts'
import { Cluster } from '../../src/common/Cluster.ts'
import { Node } from '../../src/common/Node.ts'
import { Simulation } from '../../src/common/Simulation.ts'
import type { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

export interface AdminEnvOptions {
  /** How many brokers are known, with the ids from 0; 0: only `localhost:8121` to start from. */
  readonly nodes?: number
  /** The id of the controller. Default: 0. */
  readonly controller?: number
  readonly config?: Partial<AdminConfigInput>
  /** Called before the client is made, which asks for metadata at once if it has none. */
  readonly before?: (env: Omit<AdminEnv, 'admin'>) => void
}

export interface AdminEnv {
  readonly admin: KafkaAdminClient
  readonly client: MockClient
  readonly cluster: Cluster
  readonly metadataManager: AdminMetadataManager
  readonly time: Simulation
  readonly logger: RecordingLogger
}

export const CLUSTER_ID = 'I4ZmrWqfT2e-upky_4fdPA'

/** Brokers `localhost:8121` and up. */
export const mockCluster = (nodes: number, controller = 0): Cluster => {
  const brokers = Array.from({ length: nodes }, (_, id) => new Node(id, 'localhost', 8121 + id))
  return new Cluster({
    clusterId: CLUSTER_ID,
    nodes: brokers,
    controller: brokers[controller] ?? null,
  })
}

/** The answer to a question for the nodes of `cluster`. */
export const metadataOf = (
  cluster: Cluster,
  topics: ResponseInputOf<typeof ApiKeys.METADATA>['topics'] = [],
): ResponseInputOf<typeof ApiKeys.METADATA> => ({
  clusterId: cluster.clusterResource.clusterId,
  controllerId: cluster.controller?.id ?? -1,
  brokers: cluster.nodes.map(({ id, host, port }) => ({ nodeId: id, host, port })),
  topics,
})

export const describeClusterOf = (
  cluster: Cluster,
): ResponseInputOf<typeof ApiKeys.DESCRIBE_CLUSTER> => ({
  clusterId: cluster.clusterResource.clusterId ?? '',
  controllerId: cluster.controller?.id ?? -1,
  brokers: cluster.nodes.map(({ id, host, port }) => ({ brokerId: id, host, port })),
})

export const withAdmin = (
  { nodes = 3, controller = 0, config = {}, before }: AdminEnvOptions,
  main: (env: AdminEnv) => Promise<void>,
): Promise<void> => {
  const time = new Simulation({ seed: 1 })
  const logger = new RecordingLogger()
  const settings: AdminConfigInput = {
    'bootstrap.servers': 'localhost:8121',
    'request.timeout.ms': 1000,
    ...config,
  }
  const metadataManager = new AdminMetadataManager({
    refreshBackoffMs: Number(settings['retry.backoff.ms'] ?? 100),
    metadataExpireMs: 5 * 60 * 1000,
    logger,
  })
  const cluster =
    nodes === 0
      ? Cluster.bootstrap([{ host: 'localhost', port: 8121 }])
      : mockCluster(nodes, controller)
  metadataManager.bootstrap([{ host: 'localhost', port: 8121 }], time.milliseconds())
  metadataManager.update(cluster, time.milliseconds())
  const client = new MockClient(time, {
    fetchNodes: () => metadataManager.updater.fetchNodes(),
    isUpdateNeeded: () => false,
    update: () => {},
    updateWithCurrentMetadata: () => {},
    close: () => {},
  })
  client.waitDuringPoll = true
  return time.run(async () => {
    const env = { client, cluster, metadataManager, time, logger }
    before?.(env)
    const environment = { time, random: time.random, logger }
    const admin = new KafkaAdminClient(settings, environment, { client, metadataManager })
    await main({ ...env, admin })
    await admin.close(0)
  })
}

/** Lets virtual time pass until `condition` holds. */
export const until = async (time: Simulation, condition: () => boolean): Promise<void> => {
  while (!condition()) await time.sleep(1)
}
