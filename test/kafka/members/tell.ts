/**
 * What a member of a mixed group tells the test, one JSON line each, whatever language it is
 * written in:
 *
 *     {"at", "event": "assigned" | "revoked", "partitions": [0, 3]}
 *     {"at", "event": "records", "partition": 3, "from": 17, "to": 25}       in its hands
 *     {"at", "event": "committed", "partition": 3, "offset": 26}             acknowledged
 *
 * `at` is in milliseconds of the machine's monotonic clock, which all processes share.
 */

export type Told =
  | { readonly event: 'assigned' | 'revoked'; readonly partitions: readonly number[] }
  | {
      readonly event: 'records'
      readonly partition: number
      readonly from: number
      readonly to: number
    }
  | { readonly event: 'committed'; readonly partition: number; readonly offset: number }

export const nowMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000

export const tell = (told: Told): void => {
  process.stdout.write(`${JSON.stringify({ at: nowMs(), ...told })}\n`)
}

/** Arguments of every member: where, what, and in which group. All share by range. */
export const memberArguments = (): { bootstrap: string; topic: string; group: string } => {
  const [bootstrap, topic, group] = process.argv.slice(2)
  if (group === undefined) throw new Error('bootstrap topic group')
  return { bootstrap: bootstrap!, topic: topic!, group }
}

/** Resolves when the test says good-bye: it closes the member's standard input. */
export const goodbye = (): Promise<void> =>
  new Promise((resolve) => {
    process.stdin.on('end', resolve).resume()
  })
