/**
 * `annotated-kafka journey`: sends each line as a record, consumes it back, and prints the way it
 * went.
 *
 * Producer, broker and consumer speak over TCP sockets, also when all three are in this process.
 * What is printed is what the trace bus said on the way: the command knows nothing that a listener
 * of its own could not know.
 */

import { KafkaAdminClient } from '../../admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../broker/EmbeddedCluster.ts'
import { TopicExistsException } from '../../common/errors/ApiExceptions.ts'
import { KafkaException, TimeoutException } from '../../common/errors.ts'
import { StringDeserializer } from '../../common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../common/serialization/StringSerializer.ts'
import type { Time } from '../../common/Time.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import type { TraceEntry } from '../../common/Trace.ts'
import { KafkaConsumer } from '../../consumer/KafkaConsumer.ts'
import { type Environment, systemEnvironment } from '../../network/Environment.ts'
import { KafkaProducer } from '../../producer/KafkaProducer.ts'
import { stationAsJson, stationsAsText } from './print.ts'
import { type Station, stationsOf, type Travellers } from './stations.ts'

export interface JourneyOptions {
  /** `host:port` of a Kafka to use; default: an embedded broker on a free port. */
  readonly bootstrap?: string
  readonly topic: string
  readonly json: boolean
  /** Of the terminal; infinite when there is none. */
  readonly columns: number
}

/** A broker that does not answer is given up after this; the whole command ends within 15 s. */
const DEADLINE_MS = 10_000

/** @param parts what of the environment is not the machine's own */
export const journey = async (
  lines: AsyncIterable<string> | Iterable<string>,
  options: JourneyOptions,
  write: (text: string) => void,
  parts: Partial<Environment> = {},
): Promise<void> => {
  const environment = systemEnvironment(parts)
  const cluster =
    options.bootstrap === undefined ? await EmbeddedCluster.start({ environment }) : null
  const bootstrap = options.bootstrap ?? cluster!.bootstrapServers
  try {
    if (!options.json) write(introduction(bootstrap, cluster !== null))
    await createTopic(bootstrap, options.topic, environment)
    const road = new Road(bootstrap, options.topic, environment, cluster !== null)
    try {
      let record = 0
      for await (const line of lines) {
        const { stations, offset } = await road.travel(line)
        if (options.json) for (const s of stations) write(`${stationAsJson(record, s)}\n`)
        else {
          const title = `record ${record}: ${quoted(line)}`
          write(`\n${stationsAsText(title, stations, options.columns)}`)
          write(`${quoted(line)} is back, from offset ${offset} of ${options.topic}-0.\n`)
        }
        record++
      }
    } finally {
      await road.close()
    }
  } finally {
    await cluster?.close()
  }
}

const introduction = (bootstrap: string, embedded: boolean): string =>
  embedded
    ? `An embedded broker listens on ${bootstrap}.\n`
    : `Kafka at ${bootstrap}, over plain TCP: TLS and SASL are not there yet.\n`

const quoted = (line: string): string =>
  JSON.stringify(line.length > 60 ? `${line.slice(0, 59)}…` : line)

const createTopic = async (bootstrap: string, topic: string, environment: Environment) => {
  const admin = new KafkaAdminClient(
    {
      'bootstrap.servers': bootstrap,
      'client.id': 'admin',
      'default.api.timeout.ms': DEADLINE_MS,
      'request.timeout.ms': DEADLINE_MS,
    },
    environment,
  )
  try {
    // -1: the broker's own default, which suits the number of brokers there are.
    await admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: -1 }]).all()
  } catch (error) {
    if (!(error instanceof TopicExistsException)) throw unreachable(error, bootstrap)
  } finally {
    await admin.close(0)
  }
}

const unreachable = (error: unknown, bootstrap: string): unknown =>
  error instanceof TimeoutException
    ? new KafkaException(
        `No Kafka answered at ${bootstrap} within ${DEADLINE_MS / 1000} s (${error.message}). ` +
          `Check that a broker listens on ${bootstrap}, without TLS or SASL, ` +
          'or leave --bootstrap out.',
        { cause: error },
      )
    : error

interface Travelled {
  readonly stations: Station[]
  readonly offset: number
}

/** One producer and one consumer on one partition; each record goes down and comes back alone. */
class Road {
  private readonly producer: KafkaProducer<string, string>
  private readonly consumer: KafkaConsumer<string, string>
  private readonly partition: TopicPartition
  private readonly travellers: Travellers
  private readonly stopListening: () => void
  private readonly time: Time
  private entries: TraceEntry[] = []
  private assigned = false

  constructor(bootstrap: string, topic: string, environment: Environment, embedded: boolean) {
    this.time = environment.time
    this.partition = new TopicPartition(topic, 0)
    this.travellers = {
      producer: 'producer',
      consumer: 'consumer',
      remoteBroker: embedded ? null : bootstrap,
    }
    this.stopListening = environment.traceBus.listen((entry) => this.entries.push(entry))
    this.producer = new KafkaProducer(
      {
        'bootstrap.servers': bootstrap,
        'client.id': 'producer',
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
        'max.block.ms': DEADLINE_MS,
        'delivery.timeout.ms': DEADLINE_MS,
        'request.timeout.ms': DEADLINE_MS / 2,
      },
      environment,
    )
    this.consumer = new KafkaConsumer(
      {
        'bootstrap.servers': bootstrap,
        'client.id': 'consumer',
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
        'auto.offset.reset': 'none',
      },
      environment,
    )
  }

  async travel(line: string): Promise<Travelled> {
    const { topic, partition } = this.partition
    const { offset } = await this.producer.send({ topic, partition, value: line })
    if (!this.assigned) {
      this.consumer.assign([this.partition])
      this.assigned = true
    }
    // On a topic that others write to, what is not ours is passed over.
    this.consumer.seek(this.partition, offset)
    const value = await this.consume(offset)
    if (value !== line) {
      throw new KafkaException(
        `Sent ${JSON.stringify(line)}, and got ${JSON.stringify(value)} back.`,
      )
    }
    const stations = stationsOf(this.entries, this.travellers)
    this.entries = []
    return { stations, offset }
  }

  async close(): Promise<void> {
    this.stopListening()
    await this.producer.close()
    await this.consumer.close()
  }

  private async consume(offset: number): Promise<string | null> {
    const timer = this.time.timer(DEADLINE_MS)
    while (timer.notExpired()) {
      for (const record of await this.consumer.poll(timer.remainingMs())) {
        if (record.offset === offset) return record.value
      }
      timer.update()
    }
    throw new TimeoutException(
      `Offset ${offset} of ${this.partition} did not come back within ${DEADLINE_MS} ms.`,
    )
  }
}
