/**
 * Chapter 06 in the terminal: the real accumulator on a workbench, under a clock that is moved by
 * hand. There is no sender here. This file looks and takes in its place.
 *
 *     Act 1  linger           Act 4  back-off, mute      Act 7  split
 *     Act 2  no room          Act 5  expiry              Act 8  a map, and an await
 *     Act 3  whose turn       Act 6  flush
 *
 * Nothing below states a time, a size, a reason or an order. All of them are asked of the
 * accumulator.
 */

import { CopyOnWriteMap } from '../../src/common/CopyOnWriteMap.ts'
import { NEVER_MS } from '../../src/producer/internals/ReadyCheck.ts'
import { batchOf, RECORD_BYTES, Workbench } from './workbench.ts'

type Write = (text: string) => void

export const demo = async (write: Write): Promise<void> => {
  linger(write)
  noRoom(write)
  whoseTurn(write)
  vetoes(write)
  expiry(write)
  await flush(write)
  split(write)
  await aMapAndAnAwait(write)
}

const linger = (write: Write): void => {
  const bench = new Workbench({ leaders: [1], batchSize: batchOf(5), lingerMs: 5 })
  write(`Act 1. A batch has room for ${batchOf(5)} bytes, and linger.ms is 5.\n\n`)
  write(HEAD)
  bench.send(0)
  write(scene(bench, 'the first record makes a batch'))
  bench.pass(2)
  bench.send(0)
  write(scene(bench, 'the second one finds it open'))
  bench.pass(3)
  write(scene(bench, 'time passes'))
}

const noRoom = (write: Write): void => {
  const bench = new Workbench({ leaders: [1], batchSize: batchOf(5), lingerMs: 5 })
  write('\nAct 2. A record comes that has no room.\n\n')
  write(HEAD)
  bench.sendMany(0, 4)
  write(scene(bench, 'four records'))
  bench.send(0, { bytes: 2 * RECORD_BYTES })
  write(scene(bench, 'one of twice the size'))
  const batches = bench.drain(1).map(({ recordCount }) => records(recordCount))
  write(scene(bench, `drain takes ${batches.join(', ')}`))
}

const whoseTurn = (write: Write): void => {
  const partitions = [0, 1, 2, 3, 4]
  const bench = new Workbench({ leaders: partitions.map(() => 1), batchSize: batchOf(5) })
  for (const partition of partitions) bench.sendMany(partition, 15)
  write('\nAct 3. One broker leads five partitions, each with three full batches.\n')
  write('A request has room for two batches.\n\n')
  write(`  partition  ${partitions.map((partition) => `  ${partition}`).join('')}\n`)
  for (let request = 1; bench.readyBrokers().length > 0; request++) {
    const taken = bench.drain(1, 2 * batchOf(5)).map(({ topicPartition: of }) => of.partition)
    const marks = partitions.map((partition) => (taken.includes(partition) ? '  #' : '  .'))
    write(`  request ${request}  ${marks.join('')}   takes ${taken.join(', then ')}\n`)
  }
}

const vetoes = (write: Write): void => {
  const bench = new Workbench({ leaders: [1, 2], lingerMs: 5, retryBackoffMs: 100 })
  write('\nAct 4. What holds a batch back: a try that failed, a partition that is muted.\n\n')
  write(HEAD)
  bench.sendMany(0, 2)
  bench.pass(5)
  const [batch] = bench.drain(1)
  bench.send(0)
  write(scene(bench, 'one batch is away, one is new'))
  bench.pass(20)
  bench.accumulator.reenqueue(batch!, bench.nowMs)
  write(scene(bench, 'the try fails: back to the front'))
  bench.pass(60)
  write(scene(bench, 'it backs off, and all wait behind'))
  bench.elect(0, 2)
  write(scene(bench, 'broker 2 leads the partition now'))
  const [again] = bench.drain(2)
  bench.accumulator.mutePartition(again!.topicPartition)
  bench.sendMany(0, 4)
  write(scene(bench, 'away, muted, and four more come'))
  bench.accumulator.unmutePartition(again!.topicPartition)
  write(scene(bench, 'answered, so no longer muted'))
}

const expiry = (write: Write): void => {
  const bench = new Workbench({ leaders: [1], lingerMs: 5, deliveryTimeoutMs: 1000 })
  write('\nAct 5. delivery.timeout.ms is 1000, counted from when a batch was made.\n\n')
  write(HEAD)
  bench.sendMany(0, 3)
  bench.pass(5)
  const [batch] = bench.drain(1)
  bench.pass(795)
  bench.send(0)
  bench.accumulator.reenqueue(batch!, bench.nowMs)
  write(scene(bench, 'the only try fails'))
  for (const ms of [199, 1]) {
    bench.pass(ms)
    const expired = bench.accumulator.expiredBatches(bench.nowMs)
    const dueMs = bench.accumulator.nextExpiryTimeMs()
    write(scene(bench, `expired: ${expired.length}, next one at ${dueMs} ms`))
    bench.accumulator.resetNextBatchExpiryTime()
  }
}

const flush = async (write: Write): Promise<void> => {
  const bench = new Workbench({ leaders: [1, 1, 2], lingerMs: 1000 })
  write('\nAct 6. linger.ms is 1000, and somebody flushes.\n\n')
  for (const partition of [0, 1, 2]) bench.send(partition)
  write(look(bench, 'three open batches'))
  bench.accumulator.beginFlush()
  let over = 'waits'
  const waiting = bench.accumulator.awaitFlushCompletion().then(() => {
    over = 'is over'
  })
  write(look(bench, 'a flush begins'))
  const drained = [...bench.drain(1), ...bench.drain(2)]
  bench.send(0)
  write(look(bench, 'drained, and one record more'))
  for (const batch of drained) {
    bench.acknowledge(batch)
    await turns()
    write(`  ${`${batch.topicPartition} has its outcome`.padEnd(WHAT + 8)}the flush ${over}\n`)
  }
  await waiting
  write(look(bench, 'the one that came too late'))
}

const split = (write: Write): void => {
  const [batchSize, brokerLimit] = [batchOf(8), batchOf(4)]
  const bench = new Workbench({ leaders: [1], batchSize, lingerMs: 0 })
  write(`\nAct 7. batch.size is ${batchSize}, but the broker takes ${brokerLimit} at most.\n\n`)
  bench.sendMany(0, 8)
  write(`  ${'eight records'.padEnd(WHAT)}${queue(bench)}\n`)
  for (let [batch] = bench.drain(1); batch !== undefined; [batch] = bench.drain(1)) {
    const bytes = batch.estimatedSizeInBytes()
    const accepted = bytes <= brokerLimit
    if (accepted) batch.complete(0, -1)
    else bench.accumulator.splitAndReenqueue(batch)
    bench.accumulator.completeAndDeallocateBatch(batch)
    const verdict = accepted ? 'accepted' : 'refused, and split'
    write(`  ${`${bytes} bytes: ${verdict}`.padEnd(WHAT)}${queue(bench)}\n`)
  }
}

const aMapAndAnAwait = async (write: Write): Promise<void> => {
  write('\nAct 8. A loop over two topics awaits in its body. Meanwhile others change the map.\n\n')
  const plain = () => new Map(TWO_TOPICS)
  const copied = () => new CopyOnWriteMap(TWO_TOPICS)
  const row = (kind: string, grown: string, cleared: string): string =>
    `  ${kind.padEnd(18)}${grown.padEnd(32)}${cleared}\n`
  write(row('', 'a topic is added', 'the map is cleared'))
  const [map, emptied] = [plain(), plain()]
  const [copy, emptiedCopy] = [copied(), copied()]
  write(
    row(
      'Map',
      await walk(map, () => map.set('returns', 3)),
      await walk(emptied, () => emptied.clear()),
    ),
  )
  write(
    row(
      'CopyOnWriteMap',
      await walk(copy, () => copy.put('returns', 3)),
      await walk(emptiedCopy, () => emptiedCopy.clear()),
    ),
  )
}

const TWO_TOPICS: readonly (readonly [string, number])[] = [
  ['orders', 1],
  ['stock', 2],
]

/** The topics that a loop sees when something happens while it awaits. */
const walk = async (
  topics: Iterable<readonly [string, number]>,
  meanwhile: () => void,
): Promise<string> => {
  const seen: string[] = []
  for (const [topic] of topics) {
    seen.push(topic)
    if (seen.length === 1) meanwhile()
    await turns()
  }
  return `sees ${seen.join(', ')}`
}

// ---- how a moment looks

/** Columns for what happened, and for the queue. */
const [WHAT, QUEUE] = [37, 16]

/** Above the columns. */
const HEAD = `  ${''.padEnd(9 + WHAT)}${'queue'.padEnd(QUEUE)}ready?\n`

/** What happened, the queue of partition 0, and whether its broker is ready. */
const scene = (bench: Workbench, what: string): string => {
  const now = `${bench.nowMs} ms`.padStart(7)
  return `  ${now}  ${what.padEnd(WHAT)}${queue(bench).padEnd(QUEUE)}${verdict(bench)}\n`
}

/** The same without the queue. */
const look = (bench: Workbench, what: string): string =>
  `  ${what.padEnd(WHAT + 8)}${verdict(bench)}\n`

/** `|#####|##...|`: batches from first to last, a `#` for each hundred bytes of records. */
const queue = (bench: Workbench): string => {
  const batches = [...bench.deque(0)].map((batch) => {
    const filled = '#'.repeat((batch.estimatedSizeInBytes() - batchOf(0)) / RECORD_BYTES)
    return batch.isFull() ? filled : filled.padEnd(bench.recordsInBatch, '.')
  })
  return batches.length === 0 ? '(empty)' : `|${batches.join('|')}|`
}

const verdict = (bench: Workbench): string => {
  const { nextReadyCheckDelayMs } = bench.ready()
  const brokers = bench.reasons.map((reason) => {
    const [broker, , why] = reason.split(':')
    return `broker ${broker} (${why})`
  })
  if (brokers.length > 0) return brokers.join(', ')
  return nextReadyCheckDelayMs === NEVER_MS ? 'no' : `no, look in ${nextReadyCheckDelayMs} ms`
}

const records = (count: number): string => (count === 1 ? '1 record' : `${count} records`)

/** Everything that follows at once, however many promises deep. */
const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
