/** Where to stand in the debugger, in the order of the story. See `lab/Tour.ts`. */

import { defineTour } from '../../lab/Tour.ts'

export const tour = defineTour({
  title: 'CHAPTER TITLE',
  stops: [
    {
      at: 'KafkaProducer.append',
      line: 'this.serialize(record)',
      watch: ['record.topic', 'record.value'],
      why: 'Your code has called send, and the value is still text.',
    },
  ],
})
