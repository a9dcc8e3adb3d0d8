/** What every part of a run needs: the code as JavaScript, peers, Kafka, a place to write to. */

import {
  type KafkaPrerequisites,
  MissingPrerequisite,
} from '../test/kafka/support/prerequisites.ts'
import { findKafka, startEmbedded, startReal } from './brokers.ts'
import { buildForBench } from './built.ts'
import type { Cleanup } from './Cleanup.ts'
import { JavaProducer } from './java.ts'
import type { Options } from './options.ts'
import { bringPeers, type Peers } from './peers.ts'

export interface Session {
  readonly options: Options
  /** The folder of the code as JavaScript. */
  readonly built: string
  readonly peers: Peers
  /** `null`: there is no JVM, or it was not asked for. */
  readonly kafka: KafkaPrerequisites | null
  readonly java: JavaProducer | null
  readonly cleanup: Cleanup
  /** What went wrong, one line each: then the run has failed, though it went on. */
  readonly failures: string[]
  say(line: string): void
}

const kafkaOrNot = (options: Options, cleanup: Cleanup, say: Session['say']) => {
  if (options.broker === 'embedded') return null
  try {
    return findKafka(cleanup)
  } catch (error) {
    if (!(error instanceof MissingPrerequisite)) throw error
    say(`${error.message} No row of Java, none against Apache Kafka.`)
    return null
  }
}

export const openSession = (options: Options, cleanup: Cleanup): Session => {
  const say = (line: string): void => {
    const out = options.json ? process.stderr : process.stdout
    out.write(`${line}\n`)
  }
  const kafka = kafkaOrNot(options, cleanup, say)
  const peers = bringPeers()
  for (const line of peers.missing) say(line)
  return {
    options,
    built: cleanup.folder(buildForBench()),
    peers,
    kafka,
    java: kafka === null ? null : new JavaProducer(kafka, cleanup),
    cleanup,
    failures: [],
    say,
  }
}

/** The real broker where there is one, else the embedded one. */
export const startBest = ({ kafka, built, cleanup }: Session) =>
  kafka === null ? startEmbedded(built, cleanup) : startReal(kafka, cleanup)
