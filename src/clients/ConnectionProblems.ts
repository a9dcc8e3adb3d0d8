/**
 * Words for a connection that does not come about, and told once.
 *
 * A client that cannot reach its broker tries again several times a second, and would fill a log
 * with the same line. So a warning is written when what is wrong with a node changes; in between it
 * is a debug line. Whoever waits for the client gets the same words in its own error
 * (`Metadata.connectionProblem`), since "timed out" alone helps nobody.
 */

import type { Logger } from '../common/Logger.ts'
import type { Node } from '../common/Node.ts'
import type { ChannelState } from '../network/ChannelState.ts'

/** What is known when a connection is gone. */
export interface LostConnection {
  readonly node: Node
  readonly channelState: ChannelState
  /** It had been ready for requests. */
  readonly wasReady: boolean
  /** We gave up waiting, after so many milliseconds; `null`: we did not. */
  readonly timedOutAfterMs: number | null
}

export class ConnectionProblems {
  private readonly told = new Map<string, string>()
  private readonly logger: Logger

  constructor(logger: Logger) {
    this.logger = logger
  }

  /** Writes the problem, loudly if it is news, and returns it; `null` when there is none. */
  note(lost: LostConnection): string | null {
    const problem = describe(lost)
    if (problem === null) return null
    const id = lost.node.idString()
    if (this.told.get(id) === problem) this.logger.debug(problem)
    else this.logger.warn(problem)
    this.told.set(id, problem)
    return problem
  }

  /** The node is ready: whatever was wrong is mended. */
  solved(nodeId: string): void {
    this.told.delete(nodeId)
  }
}

const describe = (lost: LostConnection): string | null => {
  const { node, channelState, wasReady, timedOutAfterMs } = lost
  const address = `${node.host}:${node.port}`
  switch (channelState.state) {
    case 'AUTHENTICATION_FAILED':
      return (
        `Node ${node} refused the login: ${channelState.exception?.message}. ` +
        'Check the credentials.'
      )
    case 'AUTHENTICATE':
      return (
        `The connection to node ${node} ended during authentication. Either a firewall does not ` +
        `let Kafka's TLS through, or the network failed for a moment.`
      )
    case 'NOT_CONNECTED':
      return (
        `Connection to node ${node} could not be established. Nobody listens at ${address}, or ` +
        `the name is not known here: check that the broker runs there and that ` +
        `${whereItIsFrom(node)}.`
      )
  }
  if (wasReady) return null
  if (timedOutAfterMs !== null) {
    return (
      `Node ${node} did not answer within ${timedOutAfterMs} ms. Check that ${address} can be ` +
      `reached from here, that it is a Kafka listener, and that ${whereItIsFrom(node)}.`
    )
  }
  return (
    `Node ${node} took the connection, but did not answer as a Kafka broker does. Check that ` +
    `${address} is a Kafka listener without TLS, and that ${whereItIsFrom(node)}.`
  )
}

/**
 * Bootstrap nodes have negative ids; the others told us their address through the broker's
 * settings.
 */
const whereItIsFrom = (node: Node): string =>
  node.id < 0
    ? "'bootstrap.servers' has the right host and port"
    : "'advertised.listeners' of the broker has a host and port that this machine can reach"
