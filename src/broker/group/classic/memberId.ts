/**
 * Makes the id that a member is known by: who it says it is, and something that nobody else has.
 *
 *     consumer-orders-1-7f3c0a52-9d1e-4c8b-a5f0-2b6e91d4c7aa
 *     └ client id, or the instance id of a static member
 *
 * @kafka org.apache.kafka.coordinator.group.classic.ClassicGroup
 */

import type { Random } from '../../../common/Random.ts'

const VERSION_BYTE = 6
const VARIANT_BYTE = 8
/** Hexadecimal digits before each hyphen: 8-4-4-4-12. */
const HYPHENS = [8, 12, 16, 20]

export const generateMemberId = (
  random: Random,
  clientId: string,
  groupInstanceId: string | null,
): string => `${groupInstanceId ?? clientId}-${randomUuidText(random)}`

/** A random UUID (version 4) as RFC 9562 writes it, and `java.util.UUID.randomUUID()` too. */
const randomUuidText = (random: Random): string => {
  const bytes = random.nextBytes(16)
  bytes[VERSION_BYTE] = (bytes[VERSION_BYTE]! & 0x0f) | 0x40
  bytes[VARIANT_BYTE] = (bytes[VARIANT_BYTE]! & 0x3f) | 0x80
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [0, ...HYPHENS].map((from, i) => digits.slice(from, HYPHENS[i])).join('-')
}
