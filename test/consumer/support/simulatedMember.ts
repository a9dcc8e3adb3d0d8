/**
 * A member of a group on virtual time, and a coordinator that answers each of its requests after a
 * while, with what a test says or with what keeps a group going.
 */

import type { ClientRequest } from '../../../src/clients/ClientRequest.ts'
import { Simulation } from '../../../src/common/Simulation.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import { DummyHarness, type DummyHarnessOptions, joined, MEMBER_ID } from './DummyCoordinator.ts'

export type GroupApi = 'FindCoordinator' | 'JoinGroup' | 'SyncGroup' | 'Heartbeat' | 'LeaveGroup'

/** `ListOffsets` stands for whatever else a consumer asks. */
export type AnyApi = GroupApi | 'ListOffsets'

/** What went to the coordinator, and when. */
export interface Asked {
  readonly api: AnyApi
  readonly atMs: number
  readonly memberId: string
  readonly generation: number
  readonly reason: string
}

export interface SimulatedMemberOptions extends DummyHarnessOptions {
  /** From request to answer. Default: 5. */
  readonly latencyMs?: number
  /** The error of the next answer to this request. Default: none. */
  readonly errorOf?: (asked: Asked) => WireError | 'disconnected' | 'silence'
}

export class SimulatedMember extends DummyHarness<Simulation> {
  readonly asks: Asked[] = []
  private readonly options: SimulatedMemberOptions
  private readonly startMs: number
  private rounds = 0

  constructor(options: SimulatedMemberOptions = {}, simulation = new Simulation({ seed: 1 })) {
    super(options, simulation)
    this.options = options
    this.startMs = simulation.milliseconds()
    this.client.waitDuringPoll = true
    const { client } = this
    const send = client.send.bind(client)
    client.send = (request: ClientRequest, nowMs: number): void => {
      send(request, nowMs)
      this.answerLater(request)
    }
  }

  elapsedMs(): number {
    return this.time.milliseconds() - this.startMs
  }

  /** When each request of this kind went out, milliseconds since the start. */
  times(api: GroupApi): number[] {
    return this.asks.filter((asked) => asked.api === api).map(({ atMs }) => atMs)
  }

  /** One turn of a consumer's `poll`: is it in its group, and what is new? */
  async pollOnce(timeoutMs = 100): Promise<void> {
    const timer = this.time.timer(timeoutMs)
    this.coordinator.pollHeartbeat(this.time.milliseconds())
    await this.coordinator.ensureActiveGroup(timer)
    timer.update()
    await this.consumerClient.poll(timer)
  }

  private answerLater(request: ClientRequest): void {
    const asked = this.read(request)
    this.asks.push(asked)
    const error = this.options.errorOf?.(asked) ?? Errors.NONE
    if (error === 'silence') return
    this.time.schedule(this.options.latencyMs ?? 5, () => {
      if (!this.client.requests().includes(request)) return
      this.answer(request, asked, error)
    })
  }

  private answer(request: ClientRequest, { api }: Asked, error: WireError | 'disconnected'): void {
    const { client } = this
    if (error === 'disconnected') {
      client.respondToRequest(request, request.apiKey, null, { disconnected: true })
      return
    }
    const errorCode = error.code
    if (api === 'FindCoordinator') {
      client.respondToRequest(request, ApiKeys.FIND_COORDINATOR, this.found(error))
    } else if (api === 'JoinGroup') {
      if (error === Errors.NONE) this.rounds++
      const generation = error === Errors.NONE ? this.rounds : -1
      client.respondToRequest(request, ApiKeys.JOIN_GROUP, joined({ error, generation }))
    } else if (api === 'SyncGroup') {
      client.respondToRequest(request, ApiKeys.SYNC_GROUP, { errorCode })
    } else if (api === 'Heartbeat') {
      client.respondToRequest(request, ApiKeys.HEARTBEAT, { errorCode })
    } else {
      const members = [{ memberId: MEMBER_ID, groupInstanceId: null, errorCode }]
      client.respondToRequest(request, ApiKeys.LEAVE_GROUP, { members })
    }
  }

  private read({ apiKey, requestBuilder }: ClientRequest): Asked {
    const data = requestBuilder.build(apiKey.latestVersion()) as {
      memberId?: string
      generationId?: number
      reason?: string
      members?: { memberId: string; reason: string }[]
    }
    return {
      api: apiKey.name as AnyApi,
      atMs: this.elapsedMs(),
      memberId: data.memberId ?? data.members?.[0]?.memberId ?? '',
      generation: data.generationId ?? -1,
      reason: data.reason ?? data.members?.[0]?.reason ?? '',
    }
  }
}
