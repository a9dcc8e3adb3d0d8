/**
 * Chapter 07 in the terminal: one pool of eight cells, and who gets them when.
 *
 *     Act 1  kept, and handed out again          Act 4  a large one among small ones
 *     Act 2  the memory runs out                 Act 5  time is over
 *     Act 3  who may pass the line, and when     Act 6  closed
 *     Act 7  a whole producer, before a slow broker
 *
 * Every picture is drawn from the pool as it is at that moment. Nothing below states an order. The
 * last act is told from the recording of this chapter's lab, as it runs when nobody touches it.
 */

import { is } from '../../lab/moments.ts'
import { type PoolDeed, PoolHistory } from '../../lab/pool/PoolHistory.ts'
import { Recorder } from '../../lab/Recorder.ts'
import { snapshotAt } from '../../lab/snapshots.ts'
import { Simulation } from '../../src/common/Simulation.ts'
import { pool, programOf } from './lab.ts'
import { CELL, CELLS, pictureOf, Workbench, wantedBy } from './workbench.ts'

type Write = (text: string) => void

export const demo = async (write: Write): Promise<void> => {
  write(`A pool of ${CELLS} cells of ${CELL} bytes. A pooled buffer has one cell.\n`)
  write('# in use   + reserved for one who waits   o kept in the free list   . unallocated\n')
  await act('Act 1. A buffer that comes back is kept, and handed out again.', write, kept)
  await act('Act 2. The memory runs out.', write, runsOut)
  await act('Act 3. Who may pass the line, and when?', write, passing)
  await act('Act 4. A large one takes what several small ones wait for.', write, largeAmongSmall)
  await act('Act 5. Time is over, and the next in line gets what was reserved.', write, timeIsOver)
  await act('Act 6. The pool is closed.', write, closed)
  await wholeProducer('Act 7. A whole producer, before a slow broker.', write)
}

type Row = (what: string) => void

const heading = (title: string): string => `\n${title}\n\n${' '.repeat(55)}memory      in line\n`

const rowOf = (atMs: number, what: string, picture: string, line: string): string =>
  `${`${atMs} ms`.padStart(8)}  ${what.padEnd(45)}${picture}  ${line}`.trimEnd().concat('\n')

const act = async (
  title: string,
  write: Write,
  play: (bench: Workbench, row: Row) => Promise<void> | void,
): Promise<void> => {
  write(heading(title))
  const time = new Simulation({ seed: 7 })
  await time.run(async () => {
    const bench = new Workbench(time)
    const startMs = time.milliseconds()
    await play(bench, (what) => {
      write(rowOf(time.milliseconds() - startMs, what, bench.picture(), bench.line()))
    })
    bench.pool.close()
  })
}

const kept = (bench: Workbench, row: Row): void => {
  row('nobody has asked yet')
  bench.take('A', 1)
  bench.take('B', 1)
  bench.take('C', 1)
  row('A, B and C take a cell each')
  const first = bench.bufferOf('B')
  bench.give('B')
  bench.give('A')
  bench.give('C')
  row('B gives back, then A, then C')
  bench.take('D', 1)
  row(`D takes one: ${first === bench.bufferOf('D') ? 'the one that B had' : 'another one'}`)
  bench.take('E', 6)
  row('E takes six in one: a pooled one dissolves')
  bench.give('E')
  row('E gives back: counted, not kept')
}

const runsOut = async (bench: Workbench, row: Row): Promise<void> => {
  for (const name of 'ABCDEFGH') bench.take(name, 1)
  row('A to H take everything')
  row(`I asks for one: ${bench.take('I', 1)}`)
  row(`J asks for one: ${bench.take('J', 1)}`)
  await bench.time.sleep(20)
  bench.give('A')
  row('A gives back, which wakes the first')
  await bench.settle()
  row(`${bench.served.at(-1)} has it`)
  bench.give('B')
  await bench.settle()
  row(`B gives back, and ${bench.served.at(-1)} has it`)
}

const passing = async (bench: Workbench, row: Row): Promise<void> => {
  bench.take('A', 4)
  bench.take('B', 1)
  bench.take('C', 1)
  row('six cells are in use')
  row(`D asks for four: ${bench.take('D', 4)}`)
  row(`E comes later, asks for one: ${bench.take('E', 1)}`)
  await bench.settle()
  row('E left one over, which woke D')
  row(`F comes, asks for one: ${bench.take('F', 1)}`)
  bench.give('B')
  row('B gives back, which wakes D')
  row(`G comes, asks for one: ${bench.take('G', 1)}`)
  await bench.settle()
  row('D is awake, and finds nothing new')
  bench.give('A')
  await bench.settle()
  row(`A gives back, and ${bench.served.slice(-2).join(' and ')} are served`)
}

const largeAmongSmall = async (bench: Workbench, row: Row): Promise<void> => {
  for (const name of 'ABCDEFGH') bench.take(name, 1)
  row('A to H take one each')
  bench.take('large', 4)
  for (const name of ['small 1', 'small 2', 'small 3']) bench.take(name, 1)
  row('"large" asks for four, "small 1, 2, 3" for one')
  for (const name of 'ABCD') {
    bench.give(name)
    await bench.settle()
    row(`${name} gives back`)
  }
  for (const name of 'EFG') {
    bench.give(name)
    await bench.settle()
    row(`${name} gives back: ${bench.served.at(-1)} has it`)
  }
}

const timeIsOver = async (bench: Workbench, row: Row): Promise<void> => {
  bench.take('A', 7)
  bench.take('B', 1)
  row('A takes seven, B takes one')
  bench.take('C', 5, 100)
  bench.take('D', 1, 200)
  row('C asks for five (100 ms at most), D for one')
  await bench.time.sleep(60)
  bench.give('B')
  await bench.settle()
  row('B gives back: C has one of five')
  await bench.time.sleep(40)
  await bench.settle()
  const [failure] = bench.failed
  row(`${failure?.name} gives up: ${failure?.error.name}`)
  row(`${bench.served.at(-1)} was woken, and has what it left`)
}

const closed = async (bench: Workbench, row: Row): Promise<void> => {
  bench.take('A', 8)
  row('A takes all of it')
  bench.take('B', 1)
  bench.take('C', 1)
  row('B and C wait')
  bench.pool.close()
  await bench.settle()
  row(`closed: ${bench.failed.map(({ name }) => name).join(' and ')} are told`)
  row(`both: ${bench.failed[0]?.error.message}`)
  bench.give('A')
  row('A may still give back')
}

/** What concerns those in line; `null` for memory that comes, goes and is never short. */
const deedInWords = (deed: PoolDeed): string | null => {
  const who = programOf(deed.topic ?? '')
  const cells = deed.bytes / CELL
  switch (deed.kind) {
    case 'waits':
      return `${who} asks for ${cells}: waits`
    case 'passes': {
      const why = deed.rung ? 'nobody is awake yet' : 'no bell has rung'
      return `${who} asks for ${cells}: passes, ${why}`
    }
    case 'reserves':
      return `${who} is awake, and has ${deed.reserved / CELL} of ${cells}`
    case 'has':
      return `${who} is served after ${Math.round(deed.waitedMs)} ms in line`
    case 'gaveUp':
      return `${who} gives up after ${deed.waitedMs} ms, and leaves ${deed.reserved / CELL}`
    default:
      return null
  }
}

const wholeProducer = async (title: string, write: Write): Promise<void> => {
  const { recording } = await Recorder.start(pool)
  const history = new PoolHistory(recording, 'producer').read()
  write(heading(title))
  for (const moment of recording.moments) {
    const deed = history.at(moment.index)
    const still = is(moment, 'hand.action') && moment.fields.hand === 'still'
    const does = still && moment.fields.value === true ? 'stands still' : 'goes on'
    const told = deed === undefined ? null : deedInWords(deed)
    const what = still ? `the broker ${does}` : told
    const memory = snapshotAt(recording, 'producer', moment.index)?.bufferPool
    if (what === null || memory === undefined) continue
    const line = memory.waiters.map((waiter) => {
      return `${programOf(history.topicOf(waiter.number))} ${wantedBy(waiter)}`
    })
    write(rowOf(Math.floor(moment.atMs), what, pictureOf(memory), line.join(', ')))
  }
}
