/**
 * Does to a simulated cluster what the plan says, each thing at its time, and makes whole what was
 * broken.
 */

import type { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import type { FaultRule } from '../../src/broker/faults/Faults.ts'
import { UnknownTopicOrPartitionException } from '../../src/common/errors/ApiExceptions.ts'
import type { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import type { Mischief, RequestFault, Timetable } from './mischief.ts'

export class Misfortunes {
  private readonly world: SimulatedWorld
  private readonly cluster: EmbeddedCluster
  private readonly rules: FaultRule[] = []
  /** A broker that comes back listens where it did before. */
  private readonly ports = new Map<number, number>()

  constructor(world: SimulatedWorld, cluster: EmbeddedCluster) {
    this.world = world
    this.cluster = cluster
    for (const id of cluster.brokerIds()) this.ports.set(id, cluster.broker(id).port)
  }

  /** How many requests met a fault. */
  get faultsHit(): number {
    return this.rules.reduce((hits, rule) => hits + rule.hits, 0)
  }

  /**
   * Resolves when the last thing that lasts is over; rules of faults stay until `cluster.faults`
   * is cleared.
   */
  async happen(timetable: Timetable): Promise<void> {
    const { simulation } = this.world
    const startMs = simulation.hiResClockMs()
    await Promise.all(
      timetable.map(async ({ atMs, what }) => {
        await simulation.sleep(Math.max(0, startMs + atMs - simulation.hiResClockMs()))
        await this.commit(what)
      }),
    )
  }

  private async commit(what: Mischief): Promise<void> {
    const { simulation, network } = this.world
    const { faults } = network
    switch (what.kind) {
      case 'fault':
        return this.addFault(what)
      case 'kill':
      case 'stop':
        return this.takeDown(what.broker, what.kind, what.forMs)
      case 'moveLeader':
        // Who is down cannot lead.
        if (!this.cluster.brokerIds().includes(what.broker)) return
        return this.cluster
          .moveLeader(what.topic, what.partition, what.broker)
          .catch(nothingIfNotThere)
      case 'breakConnections':
        return faults.breakConnections(what.a, what.b)
      case 'cutAfter':
        return faults.cutAfter(what.from, what.to, what.bytes)
      case 'loseNext':
        return faults.loseNext(what.from, what.to, what.count)
      case 'partition':
        faults.partition(what.a, what.b)
        await simulation.sleep(what.forMs)
        return faults.heal(what.a, what.b)
    }
  }

  private addFault({ api, broker, partition, times, action }: RequestFault): void {
    const builder = this.cluster.faults.on({
      api,
      times,
      ...(broker !== undefined && { broker }),
      ...(partition !== undefined && { partition }),
    })
    this.rules.push(
      action.kind === 'error'
        ? builder.error(action.name)
        : action.kind === 'delay'
          ? builder.delay(action.ms, action)
          : action.kind === 'drop'
            ? builder.drop(action)
            : builder.disconnect(action),
    )
  }

  private async takeDown(id: number, how: 'kill' | 'stop', forMs: number): Promise<void> {
    const { cluster } = this
    // Down already, by another mischief, which starts it again.
    if (!cluster.brokerIds().includes(id)) return
    if (how === 'kill') await cluster.killBroker(id)
    else await cluster.stopBroker(id)
    await this.world.simulation.sleep(forMs)
    await cluster.startBroker(id, this.ports.get(id))
  }
}

/** `__consumer_offsets` is made when the first group asks for its coordinator. */
const nothingIfNotThere = (error: unknown): void => {
  if (!(error instanceof UnknownTopicOrPartitionException)) throw error
}
