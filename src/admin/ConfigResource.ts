/**
 * Whose settings are meant.
 *
 *     { type: 'TOPIC', name: 'orders' }
 *     { type: 'BROKER', name: '1' }       that broker's
 *     { type: 'BROKER', name: '' }        what was set for all brokers while they ran
 *
 * @kafka org.apache.kafka.common.config.ConfigResource
 * @simplified a plain object.
 */

import { IllegalArgumentException } from '../common/errors.ts'

const TYPE_IDS = { TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8, CLIENT_METRICS: 16, GROUP: 32 } as const

export type ConfigResourceType = keyof typeof TYPE_IDS

export interface ConfigResource {
  readonly type: ConfigResourceType
  /** The topic, the broker's id, … */
  readonly name: string
}

export const configResourceTypeId = ({ type }: ConfigResource): number => TYPE_IDS[type]

/** Equal for equal resources, also from the ids of the wire. */
export const configResourceKey = (typeId: number, name: string): string => `${typeId} ${name}`

/**
 * The broker that must be asked for these settings; `null` if any will do.
 *
 * @throws IllegalArgumentException for a broker whose name is no id
 */
export const nodeFor = (resource: ConfigResource): number | null => {
  const { type, name } = resource
  const isOfOneBroker = (type === 'BROKER' && name !== '') || type === 'BROKER_LOGGER'
  if (!isOfOneBroker) return null
  if (/^-?\d+$/.test(name)) return Number(name)
  throw new IllegalArgumentException(
    `The name of a ${type} resource is the broker's id, such as '1'; got '${name}'`,
  )
}
