/**
 * Which topics the members of a group of consumers read. The coordinator needs it for one thing
 * only: offsets of topics that somebody reads must not be deleted or expire.
 *
 * What members say to each other is their own affair, so the coordinator reads as little of it as
 * it can: two bytes with the version, then the list of topics, which stands first in every version
 * there will ever be. A member whose words cannot be read makes the answer unknown, not an error.
 *
 * @kafka org.apache.kafka.coordinator.group.classic.ClassicGroup
 */

import { deserializeConsumerProtocolSubscription } from '../../../protocol/ConsumerProtocol.ts'

/** Every later version starts with the fields of this one. */
const COMMON_VERSION = 0

/**
 * @param metadata what each member says under the protocol that the group uses
 * @throws SchemaException when one of them is no subscription
 */
export const topicsOfSubscriptions = (metadata: Iterable<Uint8Array>): Set<string> => {
  const topics = new Set<string>()
  for (const bytes of metadata) {
    for (const topic of deserializeConsumerProtocolSubscription(bytes, COMMON_VERSION).topics) {
      topics.add(topic)
    }
  }
  return topics
}
