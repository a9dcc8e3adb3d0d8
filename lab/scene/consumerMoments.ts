/**
 * What the consumer's moments do to a scene: fetched bytes wait, are decoded, reach the program.
 */

import type { Handlers } from './SceneState.ts'

export const consumerMoments: Handlers = {
  'consumer.poll': (state, _fields, { source }) => {
    state.consumer(source)
  },
  'consumer.fetchBuffer.add': (state, { topic, partition, fetchOffset, bytes }, { source }) => {
    if (bytes === 0) return
    const fetched = { partition: `${topic}-${partition}`, from: fetchOffset, bytes }
    const consumer = state.consumer(source)
    consumer.fetched.push(fetched)
    const at = consumer.reading.findIndex((read) => read.partition === fetched.partition)
    if (at >= 0) consumer.reading.splice(at, 1)
  },
  'consumer.completedFetch.fetchRecords': (state, fields, { source }) => {
    const { topic, partition, records, nextOffset } = fields
    if (records === 0) return
    const consumer = state.consumer(source)
    const name = `${topic}-${partition}`
    consumer.positions[name] = nextOffset
    const at = consumer.fetched.findIndex((fetched) => fetched.partition === name)
    if (at >= 0) consumer.fetched.splice(at, 1)
  },
  'app.received': (state, { topic, partition, offset, key, value }, { source }) => {
    const received = { partition: `${topic}-${partition}`, offset, key, value }
    state.consumer(source).received.push(received)
  },
  'app.state': (state, { state: working }, { source }) => {
    state.consumer(source).state = working
  },
}
