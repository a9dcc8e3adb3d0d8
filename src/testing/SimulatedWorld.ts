/**
 * A world of its own for a test or a lab: virtual time, chance from a seed, a network in memory,
 * one trace bus.
 *
 *     const world = new SimulatedWorld({ seed: 7 })
 *     await world.run(async () => {
 *       const cluster = await EmbeddedCluster.start({ environment: world.environment('cluster') })
 *       const producer = new KafkaProducer(settings, world.environment('app'))
 *       …
 *     })
 *
 * The same seed gives the same run, entry for entry. Two worlds in one process know nothing of each
 * other.
 */

import type { Logger } from '../common/Logger.ts'
import { ConsoleLogger } from '../common/Logger.ts'
import { Simulation } from '../common/Simulation.ts'
import { TraceBus } from '../common/Trace.ts'
import type { Environment } from '../network/Environment.ts'
import type { LinkSettings } from '../network/nio/MemoryLink.ts'
import { MemoryNetwork } from '../network/nio/MemoryNetwork.ts'

export interface SimulatedWorldOptions {
  /** Fixes the run. */
  seed: number
  /** How connections behave at first: latency, loss, bandwidth. */
  link?: Partial<LinkSettings>
  /** Default: errors to standard error. */
  logger?: Logger
  /** Virtual milliseconds after which a run is given up; default one day. */
  maxDurationMs?: number
}

export class SimulatedWorld {
  readonly simulation: Simulation
  readonly network: MemoryNetwork
  readonly traceBus: TraceBus
  private readonly logger: Logger

  constructor(options: SimulatedWorldOptions) {
    const { seed, link, maxDurationMs } = options
    this.simulation = new Simulation({
      seed,
      ...(maxDurationMs !== undefined && { maxDurationMs }),
    })
    this.logger = options.logger ?? new ConsoleLogger('error')
    this.traceBus = new TraceBus(this.simulation, this.logger)
    this.network = new MemoryNetwork({
      time: this.simulation,
      random: this.simulation.random,
      traceBus: this.traceBus,
      ...(link && { link }),
    })
  }

  /**
   * What a client or a cluster on the machine `host` gets; `host` is also its name on the network.
   */
  environment(host: string): Environment {
    return {
      time: this.simulation,
      random: this.simulation.random,
      network: this.network.host(host),
      logger: this.logger,
      traceBus: this.traceBus,
    }
  }

  /** Runs `main` to its end on virtual time. */
  run<T>(main: () => Promise<T>): Promise<T> {
    return this.simulation.run(main)
  }
}
