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

/** How a group shares its partitions: all at once, or each time only what has to move. */
export type Strategy = 'range' | 'cooperative-sticky'

/** Arguments of every member: where, what, in which group, and how it shares. */
export const memberArguments = () => {
  const [bootstrap, topic, group, strategy] = process.argv.slice(2)
  if (strategy === undefined) throw new Error('bootstrap topic group strategy')
  return { bootstrap: bootstrap!, topic: topic!, group: group!, strategy: strategy as Strategy }
}

/** Resolves when the test says good-bye: it closes the member's standard input. */
export const goodbye = (): Promise<void> =>
  new Promise((resolve) => {
    process.stdin.on('end', resolve).resume()
  })
