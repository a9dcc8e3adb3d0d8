import { describe, expect, test } from 'vitest'
import { KafkaException } from '../../../src/common/errors.ts'
import type { Configs } from '../../../src/common/serialization/Serializer.ts'
import type { ConsumerPartitionAssignor } from '../../../src/consumer/ConsumerPartitionAssignor.ts'
import { CooperativeStickyAssignor } from '../../../src/consumer/CooperativeStickyAssignor.ts'
import { GroupAssignment } from '../../../src/consumer/GroupAssignment.ts'
import { getAssignorInstances } from '../../../src/consumer/internals/AssignorInstances.ts'
import { RangeAssignor } from '../../../src/consumer/RangeAssignor.ts'
import { RoundRobinAssignor } from '../../../src/consumer/RoundRobinAssignor.ts'
import { StickyAssignor } from '../../../src/consumer/StickyAssignor.ts'
import { Subscription } from '../../../src/consumer/Subscription.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { tps } from './support/groups.ts'

/** Calls itself what the range assignor is called. */
class NamedRange implements ConsumerPartitionAssignor {
  configs: Configs | null = null

  name(): string {
    return 'range'
  }

  assign(): GroupAssignment {
    return new GroupAssignment(new Map())
  }

  configure(configs: Configs): void {
    this.configs = configs
  }
}

const JAVA = 'org.apache.kafka.clients.consumer.'
const classes = (list: readonly unknown[]) =>
  getAssignorInstances(list as never, {}).map((assignor) => assignor.constructor)

describe('getAssignorInstances', () => {
  test("Kafka's names in Java, and what groups call them, become Kafka's assignors", () => {
    covers(
      'ConsumerPartitionAssignorTest.shouldInstantiateAssignor',
      'ConsumerPartitionAssignorTest.shouldInstantiateListOfAssignors',
    )
    expect(classes([`${JAVA}StickyAssignor`])).toEqual([StickyAssignor])
    expect(classes([`${JAVA}StickyAssignor`, ` ${JAVA}CooperativeStickyAssignor`])).toEqual([
      StickyAssignor,
      CooperativeStickyAssignor,
    ])
    expect(classes([`${JAVA}RangeAssignor`, `${JAVA}RoundRobinAssignor`])).toEqual([
      RangeAssignor,
      RoundRobinAssignor,
    ])
    expect(classes(['cooperative-sticky', 'sticky', 'roundrobin', 'range'])).toEqual([
      CooperativeStickyAssignor,
      StickyAssignor,
      RoundRobinAssignor,
      RangeAssignor,
    ])
  })

  test('classes become objects, and objects stay what they are', () => {
    covers(
      'ConsumerPartitionAssignorTest.shouldInstantiateFromClassType',
      'ConsumerPartitionAssignorTest.shouldInstantiateFromListOfClassTypes',
    )
    expect(classes([StickyAssignor])).toEqual([StickyAssignor])
    expect(classes([StickyAssignor, CooperativeStickyAssignor])).toEqual([
      StickyAssignor,
      CooperativeStickyAssignor,
    ])
    const mine = new NamedRange()
    expect(getAssignorInstances([mine], { key: 'value' })).toEqual([mine])
    expect(mine.configs).toBeNull()
  })

  test('what is no assignor is refused by name', () => {
    covers(
      'ConsumerPartitionAssignorTest.shouldThrowKafkaExceptionOnNonAssignor',
      'ConsumerPartitionAssignorTest.shouldThrowKafkaExceptionOnListWithNonAssignorClassType',
      'ConsumerPartitionAssignorTest.shouldThrowKafkaExceptionOnAssignorNotFound',
    )
    expect(() => classes([String])).toThrow('String is no ConsumerPartitionAssignor')
    expect(() => classes([StickyAssignor, String])).toThrow(KafkaException)
    expect(() => classes(['Non-existent assignor'])).toThrow(
      "There is no assignor 'Non-existent assignor': known by name are range, roundrobin, " +
        'sticky, cooperative-sticky',
    )
    expect(() => classes([null])).toThrow('null is no ConsumerPartitionAssignor')
    expect(() => classes([() => 1])).toThrow('it must be a class')
  })

  test('two assignors must not call themselves the same', () => {
    covers('ConsumerPartitionAssignorTest.shouldThrowKafkaExceptionOnAssignorsWithSameName')
    expect(() => getAssignorInstances([RangeAssignor, NamedRange], {})).toThrow(
      "The assignor name 'range' is used in more than one assignor: RangeAssignor, NamedRange",
    )
  })

  test('an assignor made from a class is configured', () => {
    covers('ConsumerPartitionAssignorTest.shouldBeConfigurable')
    const configs = { key: 'value' }
    const [assignor] = getAssignorInstances([NamedRange], configs)
    expect(assignor).toBeInstanceOf(NamedRange)
    expect((assignor as NamedRange).configs).toBe(configs)
  })

  test("Kafka's own report to the logger that they are given", () => {
    const logger = new RecordingLogger()
    const [assignor] = getAssignorInstances([CooperativeStickyAssignor], {}, logger)
    const options = { ownedPartitions: tps('t-0'), generationId: 3 }
    const subscription = () => new Subscription(['t'], options)
    const infos = RangeAssignor.partitionInfosWithoutRacks([['t', 1]])
    ;(assignor as CooperativeStickyAssignor).assignPartitions(
      infos,
      new Map([
        ['A', subscription()],
        ['B', subscription()],
      ]),
    )
    expect(logger.messages('error')).toEqual([
      'Consumers B and A both claim t-0 in generation 3: it is taken from both',
    ])
  })
})
