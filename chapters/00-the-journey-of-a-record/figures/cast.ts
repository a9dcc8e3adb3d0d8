/**
 * The cast that the small figures of chapter 00 have in common: one broker with one topic, a
 * producer and a consumer that have met it before the curtain rises.
 *
 *     writer (producer) ──► broker-1: the topic's log ──► reader (consumer)
 *
 * I1  When `gather` resolves, both clients are connected and know the topic, so what a figure shows
 *     is the road of its records and nothing else.
 */

import type { Controls, Stage } from '../../../lab/Scenario.ts'
import { EmbeddedCluster } from '../../../src/broker/EmbeddedCluster.ts'
import { StringDeserializer } from '../../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../../src/producer/KafkaProducer.ts'

export interface CastOptions {
  readonly topic: string
  readonly partitions: number
  /** How long a packet travels, one way. */
  readonly latencyMs: number
  /** Kafka's settings of the producer, beside addresses and serializers. */
  readonly producer?: Readonly<Record<string, number | string>>
  /** Kafka's settings of the consumer; left out: nobody reads. */
  readonly consumer?: Readonly<Record<string, number | string>>
}

export class Cast<C extends Controls> {
  private readonly producer: KafkaProducer<string, string>
  private readonly consumer: KafkaConsumer<string, string> | null
  private readonly stage: Stage<C>
  private readonly topic: string
  private sent = 0

  private constructor(
    stage: Stage<C>,
    topic: string,
    producer: KafkaProducer<string, string>,
    consumer: KafkaConsumer<string, string> | null,
  ) {
    this.stage = stage
    this.topic = topic
    this.producer = producer
    this.consumer = consumer
  }

  static async gather<C extends Controls>(stage: Stage<C>, options: CastOptions): Promise<Cast<C>> {
    const { topic, partitions, latencyMs } = options
    stage.world.network.faults.shape({ latencyMs })
    const cluster = await EmbeddedCluster.start({
      environment: stage.environment('broker-1'),
      config: { 'num.partitions': partitions },
    })
    const bootstrap = { 'bootstrap.servers': cluster.bootstrapServers }
    const producer = new KafkaProducer<string, string>(
      {
        ...bootstrap,
        'client.id': 'producer',
        // What a retry does without numbers: the idempotent producer has a chapter of its own.
        'enable.idempotence': false,
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
        ...options.producer,
      },
      stage.environment('producer'),
    )
    const known = await producer.partitionsFor(topic)
    if (options.consumer === undefined) return new Cast(stage, topic, producer, null)
    const consumer = new KafkaConsumer<string, string>(
      {
        ...bootstrap,
        'client.id': 'consumer',
        'auto.offset.reset': 'earliest',
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
        ...options.consumer,
      },
      stage.environment('consumer'),
    )
    consumer.assign(known.map(({ partition }) => new TopicPartition(topic, partition)))
    // Nothing is there yet; what comes of it is that the consumer is connected and has asked (I1).
    await consumer.poll(600)
    return new Cast(stage, topic, producer, consumer)
  }

  /** The writer's one line, and what becomes of it. */
  async send(key: string | null, value: string): Promise<void> {
    const { stage, topic } = this
    const record = this.sent++
    stage.say('producer', 'app.send', { record, topic, key, value })
    try {
      const { partition, offset } = await this.producer.send({ topic, key, value })
      stage.say('producer', 'app.acknowledged', { record, topic, partition, offset })
    } catch (error) {
      stage.say('producer', 'app.failed', { record, error: String(error) })
    }
  }

  /** One call of `poll`, and what it gave the reader. */
  async receive(): Promise<void> {
    const records = (await this.consumer?.poll(1000)) ?? []
    for (const { topic, partition, offset, key, value } of records) {
      this.stage.say('consumer', 'app.received', { topic, partition, offset, key, value })
    }
  }

  sleep(ms: number): Promise<void> {
    return this.stage.world.simulation.sleep(ms)
  }

  /**
   * Runs a program of the cast beside the others, from the moment on at which the curtain has
   * risen; when it breaks, the story says so.
   */
  run(program: () => Promise<void>): void {
    this.sleep(0)
      .then(program)
      .catch((error) =>
        this.stage.say('consumer', 'app.failed', { record: -1, error: String(error) }),
      )
  }
}
