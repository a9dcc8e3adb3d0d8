/** All contenders in all workloads, against the real broker and the embedded one. */

import { type Broker, startEmbedded, startReal } from './brokers.ts'
import { fullReading, QUICK_READING } from './consuming/plan.ts'
import { ReadMeasurement } from './consuming/ReadMeasurement.ts'
import { Measurement } from './measure.ts'
import { fullAgainstEmbedded, fullAgainstReal, QUICK, type Workload } from './plan.ts'
import { type Row, rowOf } from './report.ts'
import { Schedule } from './Schedule.ts'
import { type Session, startBest } from './session.ts'
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
      const isRead = workload.pace.kind === 'read' || workload.pace.kind === 'first read'
      const one = isRead ? readMeasurement : measurement
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
  const { only } = session.options
  const workloads = [
    ...(only === 'reading' ? [] : QUICK),
    ...(only === 'sending' ? [] : QUICK_READING),
  ]
  return compareAgainst(session, await startBest(session), workloads)
}

/** How many times a contender works, for the schedule. */
const turnsOf = (workloads: readonly Workload[]): number =>
  workloads.reduce((sum, { contenders, rounds }) => sum + contenders.length * rounds, 0)

/** @param budgetMs when it is used up, fewer rounds are made; default: all are made */
export const compareSending = async (
  session: Session,
  budgetMs = Number.POSITIVE_INFINITY,
): Promise<Row[]> => {
  const { kafka, built, cleanup, options } = session
  const againstReal = kafka === null ? [] : fullAgainstReal(options.rounds)
  const againstEmbedded = options.broker === 'real' ? [] : fullAgainstEmbedded(options.rounds)
  const schedule = new Schedule(budgetMs, turnsOf([...againstReal, ...againstEmbedded]))
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

/** As `compareSending`; against one broker, the real one where there is a JVM. */
export const compareReading = async (
  session: Session,
  budgetMs = Number.POSITIVE_INFINITY,
): Promise<Row[]> => {
  const workloads = fullReading(session.options.rounds)
  const schedule = new Schedule(budgetMs, turnsOf(workloads))
  return compareAgainst(session, await startBest(session), workloads, schedule)
}

export const compare = async (session: Session): Promise<Row[]> => {
  const { only } = session.options
  return [
    ...(only === 'reading' ? [] : await compareSending(session)),
    ...(only === 'sending' ? [] : await compareReading(session)),
  ]
}
