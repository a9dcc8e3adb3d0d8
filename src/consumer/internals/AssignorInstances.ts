/**
 * From what `partition.assignment.strategy` says to assignors.
 *
 *     RangeAssignor             a class: an object is made of it, and configured
 *     new MyAssignor(rules)     an object: taken as it is
 *     'org.apache.kafka.clients.consumer.RangeAssignor'     Kafka's own four also by their names in
 *     'range'                                               Java, or by what the group calls them
 *
 * The names are for settings that come from a file: one that a Java program reads, or a client
 * built on librdkafka, says the same here.
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerPartitionAssignor (getAssignorInstances)
 * @simplified a text is looked up among those four: JavaScript has no class loader.
 */

import type { ClassOrInstance } from '../../common/config/ConfigTypes.ts'
import { KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Configs } from '../../common/serialization/Serializer.ts'
import type { ConsumerPartitionAssignor } from '../ConsumerPartitionAssignor.ts'
import {
  COOPERATIVE_STICKY_ASSIGNOR_NAME,
  CooperativeStickyAssignor,
} from '../CooperativeStickyAssignor.ts'
import { RANGE_ASSIGNOR_NAME, RangeAssignor } from '../RangeAssignor.ts'
import { ROUNDROBIN_ASSIGNOR_NAME, RoundRobinAssignor } from '../RoundRobinAssignor.ts'
import { STICKY_ASSIGNOR_NAME, StickyAssignor } from '../StickyAssignor.ts'
import { AbstractPartitionAssignor } from './AbstractPartitionAssignor.ts'

type AssignorClass = new () => ConsumerPartitionAssignor

const JAVA_PACKAGE = 'org.apache.kafka.clients.consumer.'

const BY_NAME: ReadonlyMap<string, AssignorClass> = new Map<string, AssignorClass>([
  [RANGE_ASSIGNOR_NAME, RangeAssignor],
  [ROUNDROBIN_ASSIGNOR_NAME, RoundRobinAssignor],
  [STICKY_ASSIGNOR_NAME, StickyAssignor],
  [COOPERATIVE_STICKY_ASSIGNOR_NAME, CooperativeStickyAssignor],
  [`${JAVA_PACKAGE}RangeAssignor`, RangeAssignor],
  [`${JAVA_PACKAGE}RoundRobinAssignor`, RoundRobinAssignor],
  [`${JAVA_PACKAGE}StickyAssignor`, StickyAssignor],
  [`${JAVA_PACKAGE}CooperativeStickyAssignor`, CooperativeStickyAssignor],
])

/** What may stand in the list. */
export type AssignorChoice = ClassOrInstance<ConsumerPartitionAssignor> | string

/**
 * The assignors of a list, in its order, which is the order of preference.
 *
 * @param configs what assignors made from classes are configured with
 * @param logger where Kafka's own assignors report what is odd about a group; default: their own
 * @throws KafkaException for what is no assignor, an unknown name, a class whose constructor wants
 *   something, or two assignors that call themselves the same
 */
export const getAssignorInstances = (
  choices: readonly AssignorChoice[],
  configs: Configs,
  logger?: Logger,
): ConsumerPartitionAssignor[] => {
  const byName = new Map<string, ConsumerPartitionAssignor>()
  for (const choice of choices) {
    const assignor = instanceOf(choice, configs)
    const name = assignor.name()
    const other = byName.get(name)
    if (other !== undefined) {
      throw new KafkaException(
        `The assignor name '${name}' is used in more than one assignor: ` +
          `${other.constructor.name}, ${assignor.constructor.name}`,
      )
    }
    if (logger !== undefined && assignor instanceof AbstractPartitionAssignor) {
      assignor.useLogger(logger)
    }
    byName.set(name, assignor)
  }
  return [...byName.values()]
}

const instanceOf = (choice: unknown, configs: Configs): ConsumerPartitionAssignor => {
  const known = typeof choice === 'string' ? BY_NAME.get(choice.trim()) : choice
  if (known === undefined) {
    const names = [...BY_NAME.keys()].filter((name) => !name.startsWith(JAVA_PACKAGE))
    throw new KafkaException(
      `There is no assignor '${String(choice)}': known by name are ${names.join(', ')}; ` +
        'put in the class of any other',
    )
  }
  if (typeof known !== 'function') return checked(known)
  const assignor = checked(make(known as new () => unknown))
  assignor.configure?.(configs)
  return assignor
}

const make = (Assignor: new () => unknown): unknown => {
  try {
    return new Assignor()
  } catch (error) {
    throw new KafkaException(
      `Cannot make an assignor from ${Assignor.name || 'a function'}: it must be a class with a ` +
        'constructor without parameters',
      { cause: error },
    )
  }
}

const checked = (made: unknown): ConsumerPartitionAssignor => {
  const { name, assign } = (made ?? {}) as Partial<ConsumerPartitionAssignor>
  if (typeof name === 'function' && typeof assign === 'function') {
    return made as ConsumerPartitionAssignor
  }
  const what = typeof made === 'object' && made !== null ? made.constructor.name : String(made)
  throw new KafkaException(`${what} is no ConsumerPartitionAssignor: it needs name() and assign()`)
}
