/**
 * What may be done with a topic or with the cluster, as far as this client is allowed to.
 *
 * On the wire it is a bit field: bit n stands for the operation of number n.
 *
 * @kafka org.apache.kafka.common.acl.AclOperation
 */

const CODES = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const

export type AclOperation = keyof typeof CODES

/** The field's value when nobody asked. */
const OMITTED = -0x80000000

/** The operations of a bit field; `null` when the broker did not say. Unknown bits are left out. */
export const validAclOperations = (bits: number): ReadonlySet<AclOperation> | null => {
  if (bits === OMITTED) return null
  const operations = Object.entries(CODES).filter(([, code]) => (bits & (1 << code)) !== 0)
  return new Set(operations.map(([name]) => name as AclOperation))
}
