/**
 * The brokers to send to, each in a process of its own, on loopback.
 *
 * Their logs are in memory where the system has such a folder with room in it. Else it is the disk
 * that is measured: it takes what one contender wrote while the next one is at work.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  bringKafkaPrerequisites,
  KAFKA_VERSION,
  type KafkaPrerequisites,
} from '../test/kafka/support/prerequisites.ts'
import { RealKafka } from '../test/kafka/support/RealKafka.ts'
import type { Cleanup } from './Cleanup.ts'

export type BrokerName = 'real' | 'embedded'

export interface Broker {
  readonly name: BrokerName
  readonly title: string
  readonly bootstrap: string
  stop(): Promise<void>
}

const IN_MEMORY = '/dev/shm'
/** What a whole run may leave undeleted at a time, several times over. */
const ROOM_BYTES = 8e9

/** A new folder for a log. */
const logFolder = (cleanup: Cleanup): string => {
  const hasRoom = (): boolean => {
    const { bavail, bsize } = statfsSync(IN_MEMORY)
    return bavail * bsize >= ROOM_BYTES
  }
  const parent = existsSync(IN_MEMORY) && hasRoom() ? IN_MEMORY : tmpdir()
  return cleanup.folder(mkdtempSync(join(parent, 'annotated-kafka-bench-')))
}

/** Kafka's jars, and a folder that goes with the run. Throws `MissingPrerequisite`. */
export const findKafka = (cleanup: Cleanup): KafkaPrerequisites => {
  const tools = bringKafkaPrerequisites()
  cleanup.folder(tools.workDir)
  return tools
}

export const startReal = async (tools: KafkaPrerequisites, cleanup: Cleanup): Promise<Broker> => {
  const here = { ...tools, workDir: logFolder(cleanup) }
  const kafka = await cleanup.start(RealKafka.start(here), (started) => started.stop())
  return {
    name: 'real',
    title: `Apache Kafka ${KAFKA_VERSION}`,
    bootstrap: kafka.bootstrapServers,
    stop: () => kafka.stop(),
  }
}

/** @param built the folder of the code as JavaScript */
export const startEmbedded = async (built: string, cleanup: Cleanup): Promise<Broker> => {
  const dir = logFolder(cleanup)
  const args = [join(built, 'src/cli/main.js'), 'broker', '--port', '0', '--dir', dir]
  const child: ChildProcess = cleanup.child(
    spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /(\d+\.\d+\.\d+\.\d+:\d+)/.exec(line)?.[1]
    if (address === undefined) continue
    return {
      name: 'embedded',
      title: 'the embedded broker',
      bootstrap: address,
      async stop() {
        child.kill('SIGINT')
        await once(child, 'exit')
        rmSync(dir, { recursive: true, force: true })
      },
    }
  }
  throw new Error('the embedded broker ended before it listened')
}
