/**
 * What to do when none of the nodes known can be reached.
 *
 * `none`: go on trying them. `rebootstrap`: start again from `bootstrap.servers`; in a cluster
 * whose brokers come and go, all that we knew may be gone.
 *
 * @kafka org.apache.kafka.clients.MetadataRecoveryStrategy
 */

import { IllegalArgumentException } from '../common/errors.ts'

export type MetadataRecoveryStrategy = 'none' | 'rebootstrap'

/** From `metadata.recovery.strategy`, in any case. */
export const metadataRecoveryStrategyOf = (name: string): MetadataRecoveryStrategy => {
  const lower = name.toLowerCase()
  if (lower === 'none' || lower === 'rebootstrap') return lower
  throw new IllegalArgumentException(
    `Illegal MetadataRecoveryStrategy '${name}': 'none' or 'rebootstrap' are possible`,
  )
}
