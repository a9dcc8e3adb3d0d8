/**
 * Kafka's own tools, in a JVM that is started once (`KafkaTool.java`), and Java consumers for them
 * to look at.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Ended } from '../../cli/groupsCli.ts'
import type { KafkaPrerequisites } from './prerequisites.ts'

const java = (tools: KafkaPrerequisites): string[] => [
  '-cp',
  tools.kafkaClasspath,
  `-Dlog4j2.configurationFile=${tools.log4jConfig}`,
]

const text = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')

export class KafkaTool {
  private readonly process: ChildProcess
  private readonly answers: AsyncIterator<string>

  constructor(tools: KafkaPrerequisites) {
    const source = fileURLToPath(new URL('KafkaTool.java', import.meta.url))
    const process = spawn('java', ['-Xmx256m', ...java(tools), source], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.process = process
    this.answers = createInterface({ input: process.stdout! })[Symbol.asyncIterator]()
  }

  /** @param tool the class, below `org.apache.kafka.tools` */
  async run(tool: string, args: readonly string[]): Promise<Ended> {
    const line = [`org.apache.kafka.tools.${tool}`, ...args].join('\t')
    this.process.stdin!.write(`${line}\n`)
    const { value, done } = await this.answers.next()
    if (done) throw new Error(`Kafka's tool has ended at: ${args.join(' ')}`)
    const [code, out, err] = (value as string).split(' ') as [string, string, string]
    return { code: Number(code), out: text(out), err: text(err) }
  }

  async stop(): Promise<void> {
    await stopProcess(this.process)
  }
}

/** A Java consumer in a group, which reads until it is stopped. */
export class JavaMember {
  private readonly process: ChildProcess

  constructor(
    tools: KafkaPrerequisites,
    bootstrap: string,
    topic: string,
    settings: Readonly<Record<string, string>>,
  ) {
    const all = { 'auto.offset.reset': 'earliest', 'auto.commit.interval.ms': '100', ...settings }
    const properties = Object.entries(all).flatMap(([name, value]) => [
      '--command-property',
      `${name}=${value}`,
    ])
    const tool = 'org.apache.kafka.tools.consumer.ConsoleConsumer'
    const where = ['--bootstrap-server', bootstrap, '--topic', topic]
    this.process = spawn('java', ['-Xmx128m', ...java(tools), tool, ...where, ...properties], {
      stdio: 'ignore',
    })
  }

  async stop(): Promise<void> {
    await stopProcess(this.process)
  }
}

const stopProcess = async (process: ChildProcess): Promise<void> => {
  if (process.exitCode !== null || process.signalCode !== null) return
  process.kill('SIGTERM')
  await once(process, 'exit')
}
