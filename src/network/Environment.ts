/**
 * Everything that could make two runs differ, in one hand: the clock, chance, the network, the log
 * and the trace bus.
 *
 * Clients and brokers take an `Environment` where Java takes a `Time`. The real one is
 * `systemEnvironment`; tests, labs and simulations bring their own.
 */

import { ConsoleLogger, type Logger } from '../common/Logger.ts'
import { type Random, systemRandom } from '../common/Random.ts'
import { SystemTime } from '../common/SystemTime.ts'
import type { Time } from '../common/Time.ts'
import { TraceBus } from '../common/Trace.ts'
import type { SelectorProvider } from './nio/SocketChannel.ts'
import { TcpNetwork } from './nio/TcpNetwork.ts'

export interface Environment {
  readonly time: Time
  readonly random: Random
  readonly network: SelectorProvider
  readonly logger: Logger
  readonly traceBus: TraceBus
}

/** The machine's own clock, chance and TCP; what `overrides` names is taken instead. */
export const systemEnvironment = (overrides: Partial<Environment> = {}): Environment => {
  const time = overrides.time ?? new SystemTime()
  const logger = overrides.logger ?? new ConsoleLogger()
  return {
    time,
    random: overrides.random ?? systemRandom(),
    network: overrides.network ?? new TcpNetwork(),
    logger,
    traceBus: overrides.traceBus ?? new TraceBus(time, logger),
  }
}
