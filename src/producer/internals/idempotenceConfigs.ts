/**
 * When a producer is idempotent: by default, unless other settings make it impossible.
 *
 *     needs                                            else, when `enable.idempotence` was
 *                                                      written        left out
 *     retries > 0                                      an error       switched off, with a log line
 *     acks = all                                       an error       switched off, with a log line
 *     max.in.flight.requests.per.connection ≤ 5        an error       an error
 *
 * Without retries there is nothing to make harmless. An acknowledgement of the leader alone can be
 * lost with the leader, and the sequences with it. And a broker remembers the last 5 batches of a
 * producer, so it would not recognise a duplicate that is older.
 *
 * @kafka org.apache.kafka.clients.producer.ProducerConfig
 * @simplified a file of its own; in Java this is the method
 *   `postProcessAndValidateIdempotenceConfigs`, which logs for itself.
 */

import type { Properties } from '../../common/config/ConfigDef.ts'
import { ConfigException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'

const MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION_FOR_IDEMPOTENCE = 5
const ENABLE_IDEMPOTENCE = 'enable.idempotence'

/** What keeps these settings from being idempotent: each reason as a log line tells it. */
const obstacles = (values: Properties): string[] => {
  const { retries, acks } = values as { readonly retries: number; readonly acks: string }
  const reasons: string[] = []
  if (retries === 0) reasons.push('retries is set to 0')
  if (acks !== 'all' && acks !== '-1') reasons.push(`acks is set to ${acks}, not set to 'all'`)
  return reasons
}

/**
 * `enable.idempotence`, when it has to be another one than it is.
 *
 * @param originals what the program wrote
 * @param values all settings, parsed
 * @throws ConfigException when the settings contradict each other
 */
export const postProcessAndValidateIdempotenceConfigs = (
  originals: Properties,
  values: Properties,
): Properties => {
  if (values[ENABLE_IDEMPOTENCE] !== true) return {}
  const reasons = obstacles(values)
  if (reasons.length > 0 && Object.hasOwn(originals, ENABLE_IDEMPOTENCE)) {
    throw new ConfigException(
      `Invalid value true for configuration '${ENABLE_IDEMPOTENCE}': ${reasons.join(', and ')}. ` +
        "Set retries to more than 0 and acks to 'all' to use the idempotent producer, or " +
        `'${ENABLE_IDEMPOTENCE}' to false.`,
    )
  }
  const inFlight = Number(values['max.in.flight.requests.per.connection'])
  if (inFlight > MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION_FOR_IDEMPOTENCE) {
    throw new ConfigException(
      `Invalid value ${inFlight} for configuration 'max.in.flight.requests.per.connection': to ` +
        'use the idempotent producer it must be at most 5, for brokers remember the last 5 ' +
        `batches of a producer. Lower it, or set '${ENABLE_IDEMPOTENCE}' to false.`,
    )
  }
  return reasons.length > 0 ? { [ENABLE_IDEMPOTENCE]: false } : {}
}

/**
 * Says in the log why a producer is not idempotent, when the program did not ask for that.
 *
 * @param originals what the program wrote
 * @param values all settings, after `postProcessAndValidateIdempotenceConfigs`
 */
export const logDisabledIdempotence = (
  originals: Properties,
  values: Properties,
  logger: Logger,
): void => {
  if (values[ENABLE_IDEMPOTENCE] === true || Object.hasOwn(originals, ENABLE_IDEMPOTENCE)) return
  for (const reason of obstacles(values)) {
    logger.info(`Idempotence will be disabled because ${reason}.`)
  }
}
