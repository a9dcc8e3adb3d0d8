/** All contenders in all workloads, against the real broker and the embedded one. */

import { type Broker, startEmbedded, startReal } from './brokers.ts'
import { fullReading, QUICK_READING } from './consuming/plan.ts'
import { ReadMeasurement } from './consuming/ReadMeasurement.ts'
import { Measurement } from './measure.ts'
import { fullAgainstEmbedded, fullAgainstReal, QUICK, type Workload } from './plan.ts'
import { type Row, rowOf } from './report.ts'
import { Schedule } from './Schedule.ts'
import type { Session } from './session.ts'
import { workloadTable } from './table.ts'

/** Measures, prints, stops the broker. */
export const compareAgainst = async (
  session: Session,
  broker: Broker,
  workloads: readonly Workload[],
  schedule?: Schedule,
): Promise<Row[]> => {
  const measurement = new Measurement(session, broker)
  const readMeasurement = new ReadMeasurement(session, broker)
  const rows: Row[] = []
  try {
    await measurement.warmBroker()
    for (const workload of workloads) {
      const one = workload.pace.kind === 'read' ? readMeasurement : measurement
      const measured = await one.run(workload, schedule)
      const ofThis = measured.map((each) => rowOf(broker, workload, each))
      rows.push(...ofThis)
      if (ofThis.length > 0) session.say(workloadTable(broker, workload, ofThis))
    }
    return rows
  } finally {
    measurement.close()
    await broker.stop()
  }
}

/** One round against one broker: the real one where there is a JVM. */
export const compareQuickly = async (session: Session): Promise<Row[]> => {
  const { kafka, built, cleanup } = session
  const broker =
    kafka === null ? await startEmbedded(built, cleanup) : await startReal(kafka, cleanup)
  return compareAgainst(session, broker, [...QUICK, ...QUICK_READING])
}

/** @param budgetMs when it is used up, fewer rounds are made; default: all are made */
export const compare = async (
  session: Session,
  budgetMs = Number.POSITIVE_INFINITY,
): Promise<Row[]> => {
  const { kafka, built, cleanup, options } = session
  const { rounds } = options
  const againstReal = kafka === null ? [] : [...fullAgainstReal(rounds), ...fullReading(rounds)]
  const againstEmbedded = options.broker === 'real' ? [] : fullAgainstEmbedded(rounds)
  const runs = [...againstReal, ...againstEmbedded].reduce(
    (sum, { contenders, rounds }) => sum + contenders.length * rounds,
    0,
  )
  const schedule = new Schedule(budgetMs, runs)
  const rows: Row[] = []
  if (kafka !== null) {
    const broker = await startReal(kafka, cleanup)
    rows.push(...(await compareAgainst(session, broker, againstReal, schedule)))
  }
  if (againstEmbedded.length > 0) {
    const broker = await startEmbedded(built, cleanup)
    rows.push(...(await compareAgainst(session, broker, againstEmbedded, schedule)))
  }
  return rows
}
