/**
 * A real Apache Kafka broker on loopback, in KRaft mode, with data that goes away with it.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaPrerequisites } from './prerequisites.ts'

const START_TIMEOUT_MS = 60_000

/** A port of loopback that is free at this moment. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const properties = (port: number, controllerPort: number, dir: string): string =>
  [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.bootstrap.servers=127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `log.dirs=${dir}`,
    'num.partitions=1',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    '',
  ].join('\n')

export class RealKafka {
  readonly bootstrapServers: string
  private readonly process: ChildProcess
  private readonly dir: string

  private constructor(process: ChildProcess, bootstrapServers: string, dir: string) {
    this.process = process
    this.bootstrapServers = bootstrapServers
    this.dir = dir
  }

  static async start(tools: KafkaPrerequisites, heap = '-Xmx1g'): Promise<RealKafka> {
    const [port, controllerPort] = [await freePort(), await freePort()]
    const dir = join(tools.workDir, `kafka-${port}`)
    mkdirSync(dir, { recursive: true })
    const config = join(dir, 'server.properties')
    writeFileSync(config, properties(port, controllerPort, join(dir, 'data')))
    const java = ['-cp', tools.kafkaClasspath, `-Dlog4j2.configurationFile=${tools.log4jConfig}`]
    format(java, config)
    const process = spawn('java', [heap, ...java, 'kafka.Kafka', config], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const broker = new RealKafka(process, `127.0.0.1:${port}`, dir)
    await broker.awaitReady(java)
    return broker
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGKILL')
      await once(this.process, 'exit')
    }
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** Ready when Kafka's own tool gets an answer: an opinion that is not ours. */
  private async awaitReady(java: string[]): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS
    while (Date.now() < deadline) {
      if (this.process.exitCode !== null) break
      const tool = 'org.apache.kafka.tools.BrokerApiVersionsCommand'
      const args = [...java, tool, '--bootstrap-server', this.bootstrapServers]
      if (spawnSync('java', args, { stdio: 'ignore', timeout: 15_000 }).status === 0) return
      await sleep(250)
    }
    await this.stop()
    throw new Error(`Apache Kafka did not start within ${START_TIMEOUT_MS} ms`)
  }
}

const format = (java: string[], config: string): void => {
  const tool = 'kafka.tools.StorageTool'
  const id = spawnSync('java', [...java, tool, 'random-uuid'], { encoding: 'utf8' }).stdout.trim()
  const args = [...java, tool, 'format', '--standalone', '-t', id, '-c', config]
  const run = spawnSync('java', args, { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`Formatting Kafka's storage failed: ${run.stderr}`)
}
