/**
 * Interceptors, serializers, deserializers and reporters that have an `onUpdate` are told which
 * cluster their client works with, before the first record goes through their hands.
 */

import { beforeEach, expect, test } from 'vitest'
import type { ClusterResource } from '../../src/common/ClusterResource.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import type { ConsumerRecords } from '../../src/consumer/ConsumerRecords.ts'
import type { ProducerRecord } from '../../src/producer/ProducerRecord.ts'
import { RecordingReporter } from '../support/RecordingReporter.ts'
import { type ClusterTest, onCluster, partitionsOf, valuesOf } from './clusterSupport.ts'

type Heard = [who: string, clusterId: string | null]

let heard: Heard[] = []
/** What was heard when the first record came by. */
let heardBefore: Heard[] | null = null
beforeEach(() => {
  heard = []
  heardBefore = null
})

const note = (who: string) => (cluster: ClusterResource) => heard.push([who, cluster.clusterId])
const noteRecord = <T>(record: T): T => {
  heardBefore ??= [...heard]
  return record
}

class ListeningReporter extends RecordingReporter {
  readonly onUpdate = note('reporter')
}
class ListeningPartitioner {
  readonly onUpdate = note('partitioner')
  partition(): number {
    return 0
  }
}
class ListeningSerializer extends StringSerializer {
  readonly onUpdate = note('serializer')
}
class ListeningDeserializer extends StringDeserializer {
  readonly onUpdate = note('deserializer')
}

const send = async (t: ClusterTest, settings = {}): Promise<void> => {
  const producer = t.producer(settings)
  await producer.send({ topic: 'orders', value: 'red' })
  await producer.close()
}

/** Of each who heard of a cluster the first word. */
const firstWords = (who: number): Heard[] => heard.slice(0, who)

test(
  'a producer tells its interceptors, its reporters and both serializers',
  onCluster(async (t) => {
    await t.createTopic('orders')
    class ListeningInterceptor {
      readonly onUpdate = note('interceptor')
      onSend(record: ProducerRecord<string, string>) {
        return record
      }
      onAcknowledgement(): void {
        noteRecord(null)
      }
    }
    class SilentInterceptor {}
    await send(t, {
      'interceptor.classes': [SilentInterceptor, ListeningInterceptor],
      'metric.reporters': [ListeningReporter],
      'partitioner.class': ListeningPartitioner,
      'key.serializer': ListeningSerializer,
      'value.serializer': new ListeningSerializer(),
    })
    const { clusterId } = t.cluster
    const each = ['interceptor', 'reporter', 'serializer', 'serializer']
    expect(firstWords(4)).toEqual(each.map((who) => [who, clusterId]))
    expect(heard.map(([who]) => who)).not.toContain('partitioner')
    expect(heardBefore?.length).toBeGreaterThanOrEqual(4)
  }),
)

test(
  'a consumer tells its reporters, its interceptors and both deserializers',
  onCluster(async (t) => {
    await t.createTopic('orders')
    await send(t)
    class ListeningInterceptor {
      readonly onUpdate = note('interceptor')
      onConsume(records: ConsumerRecords<string, string>) {
        return noteRecord(records)
      }
    }
    const consumer = t.consumer({
      'interceptor.classes': [ListeningInterceptor],
      'metric.reporters': [ListeningReporter],
      'key.deserializer': ListeningDeserializer,
      'value.deserializer': new ListeningDeserializer(),
    })
    consumer.assign(partitionsOf('orders', 1))
    expect(heard).toEqual([])
    expect(valuesOf(await consumer.poll(10_000))).toEqual(['red'])
    const { clusterId } = t.cluster
    const each = ['reporter', 'interceptor', 'deserializer', 'deserializer']
    expect(firstWords(4)).toEqual(each.map((who) => [who, clusterId]))
    expect(heardBefore?.length).toBeGreaterThanOrEqual(4)
    await consumer.close()
  }),
)

test(
  'a listener that throws goes to the log, and the records go their way',
  onCluster(
    async (t) => {
      await t.createTopic('orders')
      class BrokenSerializer extends StringSerializer {
        onUpdate(): void {
          throw new Error('broken')
        }
      }
      class BrokenDeserializer extends StringDeserializer {
        onUpdate(): void {
          throw new Error('broken')
        }
      }
      await send(t, { 'value.serializer': BrokenSerializer })
      const consumer = t.consumer({ 'value.deserializer': BrokenDeserializer })
      consumer.assign(partitionsOf('orders', 1))
      expect(valuesOf(await consumer.poll(10_000))).toEqual(['red'])
      await consumer.close()
      const errors = t.logger.messages('error').join('\n')
      expect(errors).toContain('BrokenSerializer threw in onUpdate')
      expect(errors).toContain('BrokenDeserializer threw in onUpdate')
    },
    { errorsExpected: true },
  ),
)
