/** The journey of one record as a sequence: three machines, and what travels between them. */

import { defineDiagrams } from '../../lab/diagrams/Diagram.ts'
import { sequenceOf } from '../../lab/diagrams/Sequence.ts'
import { Recorder } from '../../lab/Recorder.ts'
import { journey } from './lab.ts'

export const diagrams = defineDiagrams({
  journey: async () => {
    const { recording, settings } = await Recorder.start(journey)
    const received = recording.moments.find(({ name }) => name === 'app.received')!
    return sequenceOf(recording.moments, {
      title: 'One record, and a fetch that was there first',
      actors: [
        { source: 'producer', label: 'producer', noun: 'record' },
        { source: 'broker-1', label: 'broker', noun: 'broker' },
        { source: 'consumer', label: 'consumer', noun: 'record' },
      ],
      fromMs: -settings.latency - 1,
      untilMs: received.atMs,
      messages: ['Produce', 'Fetch'],
      waits: [
        { from: 'producer.accumulator.append', to: 'producer.accumulator.drain' },
        {
          from: 'broker.replicaManager.fetchMessages',
          to: 'broker.requestChannel.sendResponse',
          api: 'Fetch',
        },
      ],
      events: {
        'broker.replicaManager.fetchMessages': () => 'there is nothing yet: the fetch waits',
        'app.send': ({ value }) => `your code calls send(“${value}”)`,
        'producer.accumulator.append': () => 'the record is in a batch, send is done',
        'producer.accumulator.drain': ({ batches }) =>
          batches === 0 ? null : 'linger.ms is over: the sender takes the batch',
        'consumer.fetchBuffer.add': ({ bytes }) =>
          bytes === 0 ? null : `${bytes} bytes wait in the fetch buffer, unread`,
        'clients.networkClient.doSend': ({ api, bytes }) =>
          api === 'Produce'
            ? `the batch leaves in a request of ${bytes} bytes`
            : api === 'Fetch'
              ? 'the consumer asks for records'
              : null,
        'broker.log.append': ({ topic, partition, firstOffset }) =>
          `offset ${firstOffset} of ${topic}-${partition} is given to the record`,
        'broker.requestChannel.sendResponse': ({ api }) =>
          api === 'Fetch'
            ? 'the fetch that waited is answered'
            : api === 'Produce'
              ? 'the append is answered'
              : null,
        'app.acknowledged': ({ offset }) => `what send returned resolves: offset ${offset}`,
        'app.received': ({ value }) => `poll returns “${value}”`,
      },
    })
  },
})
