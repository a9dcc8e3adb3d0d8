/**
 * A walk through the demo: one record comes in, a broker is ready, a request takes, a try fails.
 */

import { defineTour } from '../../lab/Tour.ts'

export const tour = defineTour({
  title: 'A record finds its batch, and the batch its request',
  stops: [
    {
      at: 'RecordAccumulator.append',
      line: 'let result = this.tryAppend',
      watch: ['record.topic', 'partition', 'record.sizeUpperBound', 'deque.size'],
      why: 'The first record of all: its deque was made a moment ago and holds no batch.',
    },
    {
      at: 'RecordAccumulator.appendNewBatch',
      line: 'deque.addLast(batch)',
      watch: [
        'batch.recordCount',
        'batch.estimatedSizeInBytes()',
        'batch.isFull()',
        'buffer.capacity',
      ],
      why: 'The record is in a new batch, in memory for a whole one; nobody else can see it yet.',
    },
    {
      at: 'ReadyCheck.batchReady',
      line: 'if (!backingOff',
      watch: ['waitedMs', 'lingerMs', 'full', 'backingOff', 'sendAll'],
      why:
        'The sender looks for the first time: no reason to go, no veto, so it will say when to ' +
        'look.',
    },
    {
      at: 'ReadyCheck.batchReady',
      line: 'if (!backingOff',
      when: 'waitedMs >= lingerMs',
      watch: ['waitedMs', 'lingerMs', 'batch.recordCount', 'full'],
      why: 'The same line, some milliseconds later: the batch is not full, but it has lingered.',
    },
    {
      at: 'RecordAccumulator.tryAppend',
      line: 'last.closeForRecordAppends()',
      watch: [
        'last.recordCount',
        'last.estimatedSizeInBytes()',
        'initialBytes',
        'record.sizeUpperBound',
      ],
      why: 'A record of twice the size has no room, so the batch is closed, with room left in it.',
    },
    {
      at: 'NodeDrain.drainBatchesForOneNode',
      line: 'if (size + first.estimatedSizeInBytes() > maxSize',
      when: 'ready.length === 2',
      watch: ['drainIndex', 'size', 'first.estimatedSizeInBytes()', 'maxSize', 'ready.length'],
      why:
        'The third partition finds no room; the drain index stands at it, so it is first next ' +
        'time.',
    },
    {
      at: 'RecordAccumulator.reenqueue',
      watch: ['batch.attempts()', 'batch.recordCount', 'batch.createdMs', 'nowMs'],
      why: 'A try has failed: the batch keeps its age, and goes in front of what came later.',
    },
    {
      at: 'ReadyCheck.batchReady',
      line: 'if (!backingOff',
      when: 'backingOff && waitedMs > 0',
      watch: ['full', 'backingOff', 'waitedMs', 'timeToWaitMs', 'batch.attempts()'],
      why: 'Another batch stands behind it, a reason to go at once, and the back-off forbids it.',
    },
    {
      at: 'BatchQueues.expiredBatches',
      line: 'batch.abortRecordAppends()',
      watch: ['batch.createdMs', 'nowMs', 'this.options.deliveryTimeoutMs', 'batch.attempts()'],
      why:
        'Its time is over, counted from when it was made; it was tried, and that does not ' +
        'matter.',
    },
  ],
})
