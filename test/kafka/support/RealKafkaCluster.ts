/**
 * Several real Apache Kafka brokers on loopback: one controller, and brokers that a test can stop
 * and start again. What they wrote stays until the end.
 *
 *     controller 1     broker 2, rack-2     broker 3, rack-3
 *
 * Brokers are given up after 3 seconds of silence, and any replica may become the leader: what a
 * cluster should not be, so that a log can lose its end.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaAdminClient } from '../../../src/admin/KafkaAdminClient.ts'
import { KafkaException } from '../../../src/common/errors.ts'
import { ConsoleLogger } from '../../../src/common/Logger.ts'
import type { KafkaPrerequisites } from './prerequisites.ts'
import { freePort } from './RealKafka.ts'

const START_TIMEOUT_MS = 120_000
const CONTROLLER = 1

const shared = (nodeId: number, controllerPort: number, dir: string): string[] => [
  `node.id=${nodeId}`,
  `controller.quorum.bootstrap.servers=127.0.0.1:${controllerPort}`,
  'controller.listener.names=CONTROLLER',
  `log.dirs=${dir}`,
  'broker.session.timeout.ms=3000',
  'broker.heartbeat.interval.ms=500',
  'unclean.leader.election.enable=true',
  'unclean.leader.election.interval.ms=1000',
]

const controllerProperties = (port: number, dir: string): string[] => [
  ...shared(CONTROLLER, port, dir),
  'process.roles=controller',
  `listeners=CONTROLLER://127.0.0.1:${port}`,
]

const brokerProperties = (id: number, port: number, controller: number, dir: string): string[] => [
  ...shared(id, controller, dir),
  'process.roles=broker',
  `listeners=PLAINTEXT://127.0.0.1:${port}`,
  `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
  'inter.broker.listener.name=PLAINTEXT',
  `broker.rack=rack-${id}`,
  'replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector',
  'replica.lag.time.max.ms=3000',
  'offsets.topic.replication.factor=1',
  'group.initial.rebalance.delay.ms=0',
]

interface Node {
  readonly config: string
  readonly port: number
  process: ChildProcess | null
}

export class RealKafkaCluster {
  private readonly java: readonly string[]
  private readonly dir: string
  private readonly nodes = new Map<number, Node>()

  private constructor(tools: KafkaPrerequisites, dir: string) {
    this.dir = dir
    const { kafkaClasspath, log4jConfig } = tools
    this.java = ['-cp', kafkaClasspath, `-Dlog4j2.configurationFile=${log4jConfig}`]
  }

  /** @param brokerIds from 2 on; all are ready when it returns */
  static async start(tools: KafkaPrerequisites, brokerIds: number[]): Promise<RealKafkaCluster> {
    const controllerPort = await freePort()
    const cluster = new RealKafkaCluster(tools, join(tools.workDir, `cluster-${controllerPort}`))
    const clusterId = cluster.tool('random-uuid')
    const add = (id: number, port: number, properties: (dir: string) => string[]): void => {
      const dir = join(cluster.dir, String(id))
      mkdirSync(dir, { recursive: true })
      const config = join(dir, 'server.properties')
      writeFileSync(config, `${properties(join(dir, 'data')).join('\n')}\n`)
      const standalone = id === CONTROLLER ? ['--standalone'] : []
      cluster.tool('format', ...standalone, '-t', clusterId, '-c', config)
      cluster.nodes.set(id, { config, port, process: null })
    }
    add(CONTROLLER, controllerPort, (dir) => controllerProperties(controllerPort, dir))
    for (const id of brokerIds) {
      const port = await freePort()
      add(id, port, (dir) => brokerProperties(id, port, controllerPort, dir))
    }
    for (const id of cluster.nodes.keys()) cluster.spawn(id)
    for (const id of brokerIds) await cluster.awaitReady(id)
    return cluster
  }

  get bootstrapServers(): string {
    const brokers = [...this.nodes].filter(([id]) => id !== CONTROLLER)
    return brokers.map(([, { port }]) => `127.0.0.1:${port}`).join(',')
  }

  /** Where a broker keeps the first segment of a partition. */
  segmentOf(id: number, topic: string, partition: number): string {
    const name = `${'0'.repeat(20)}.log`
    return join(this.dir, String(id), 'data', `${topic}-${partition}`, name)
  }

  async startBroker(id: number): Promise<void> {
    this.spawn(id)
    await this.awaitReady(id)
  }

  /** Without a word to anybody. */
  async killBroker(id: number): Promise<void> {
    const node = this.nodes.get(id)!
    const { process } = node
    node.process = null
    if (process === null || process.exitCode !== null || process.signalCode !== null) return
    process.kill('SIGKILL')
    await once(process, 'exit')
  }

  async stop(): Promise<void> {
    for (const id of this.nodes.keys()) await this.killBroker(id)
    rmSync(this.dir, { recursive: true, force: true })
  }

  private spawn(id: number): void {
    const node = this.nodes.get(id)!
    const args = ['-Xmx512m', ...this.java, 'kafka.Kafka', node.config]
    node.process = spawn('java', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }

  private tool(...args: string[]): string {
    const java = [...this.java, 'kafka.tools.StorageTool', ...args]
    const run = spawnSync('java', java, { encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`Kafka's StorageTool failed: ${run.stderr}`)
    return run.stdout.trim()
  }

  /** Ready when it answers, and the cluster counts it among its brokers. */
  private async awaitReady(id: number): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS
    while (Date.now() < deadline) {
      if ((await this.brokersKnownTo(id)).includes(id)) return
      await sleep(250)
    }
    await this.stop()
    throw new Error(`Broker ${id} of Apache Kafka did not start within ${START_TIMEOUT_MS} ms`)
  }

  private async brokersKnownTo(id: number): Promise<number[]> {
    const admin = new KafkaAdminClient(
      {
        'bootstrap.servers': `127.0.0.1:${this.nodes.get(id)!.port}`,
        'request.timeout.ms': 3000,
        'default.api.timeout.ms': 3000,
      },
      { logger: new ConsoleLogger('silent') },
    )
    try {
      return (await admin.describeCluster().nodes()).map((node) => node.id)
    } catch (error) {
      // It is not there yet.
      if (error instanceof KafkaException) return []
      throw error
    } finally {
      await admin.close(0)
    }
  }
}
