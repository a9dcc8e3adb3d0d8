import { describe, expect, test } from 'vitest'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { createTopic, onCluster } from './brokerSupport.ts'

describe('DescribeConfigs', () => {
  const TOPIC = 2
  const BROKER = 4
  test(
    'shows each setting of a topic, where it comes from and what else would give it',
    onCluster(
      async ({ connect }) => {
        const client = await connect()
        await createTopic(client, 'orders', 1, { 'retention.ms': '5' })
        for (let version = 1; version <= 4; version++) {
          const { results } = await client.request(ApiKeys.DESCRIBE_CONFIGS, version, {
            resources: [{ resourceType: TOPIC, resourceName: 'orders', configurationKeys: null }],
            includeSynonyms: true,
            ...(version >= 3 && { includeDocumentation: true }),
          })
          const configs = new Map(results[0]!.configs.map((config) => [config.name, config]))
          expect(configs.get('retention.ms')).toMatchObject({
            value: '5',
            configSource: 1,
            readOnly: false,
            synonyms: [
              { name: 'retention.ms', value: '5', source: 1 },
              { name: 'log.retention.ms', value: '9', source: 4 },
              { name: 'log.retention.hours', value: '168', source: 5 },
            ],
          })
          expect(configs.get('segment.bytes')).toMatchObject({
            value: '1073741824',
            configSource: 5,
          })
          expect(configs.get('flush.messages')?.value).toBe('9223372036854775807')
          expect(configs.get('cleanup.policy')?.value).toBe('delete')
          if (version < 3) continue
          expect(configs.get('retention.ms')?.configType).toBe(5)
          expect(configs.get('cleanup.policy')?.configType).toBe(7)
          expect(configs.get('retention.ms')?.documentation).toMatch(/\w/)
        }
      },
      { config: { 'log.retention.ms': 9 } },
    ),
  )

  test(
    'shows a broker its own settings, some when some are asked for',
    onCluster(
      async ({ connect }) => {
        const client = await connect()
        const ask = async (
          resourceType: number,
          resourceName: string,
          keys: string[] | null = null,
        ) => {
          const { results } = await client.request(ApiKeys.DESCRIBE_CONFIGS, 4, {
            resources: [{ resourceType, resourceName, configurationKeys: keys }],
          })
          return results[0]!
        }
        const some = await ask(BROKER, '1', ['num.partitions', 'node.id', 'message.max.bytes'])
        expect(
          some.configs.map((config) => [
            config.name,
            config.value,
            config.configSource,
            config.readOnly,
          ]),
        ).toEqual([
          ['node.id', '1', 5, true],
          ['num.partitions', '4', 4, true],
          ['message.max.bytes', '1048588', 5, true],
        ])
        expect((await ask(BROKER, '')).configs).toEqual([])
        const refused: [number, string, number][] = [
          [BROKER, '2', Errors.INVALID_REQUEST.code],
          [BROKER, 'one', Errors.INVALID_REQUEST.code],
          [8, '1', Errors.INVALID_REQUEST.code],
          [TOPIC, 'nothing', Errors.UNKNOWN_TOPIC_OR_PARTITION.code],
          [TOPIC, 'no name!', Errors.INVALID_TOPIC_EXCEPTION.code],
        ]
        for (const [type, name, errorCode] of refused)
          expect((await ask(type, name)).errorCode).toBe(errorCode)
        expect((await ask(TOPIC, 'nothing')).errorMessage).toBeNull()
        // A type that Kafka does not have either: nothing in the request is answered.
        const { results } = await client.request(ApiKeys.DESCRIBE_CONFIGS, 4, {
          resources: [
            { resourceType: BROKER, resourceName: '1', configurationKeys: [] },
            { resourceType: 7, resourceName: 'what', configurationKeys: [] },
          ],
        })
        expect(results.map((each) => each.errorCode)).toEqual(
          [1, 2].map(() => Errors.INVALID_REQUEST.code),
        )
      },
      { config: { 'num.partitions': 4 } },
    ),
  )
})
