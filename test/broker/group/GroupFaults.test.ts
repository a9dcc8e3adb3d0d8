/** `cluster.faults` for requests of groups. */

import { describe, expect, test } from 'vitest'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { createTopic } from '../brokerSupport.ts'
import { commit, committed, joinAlone, onGroupCluster } from './groupSupport.ts'

const UNSTABLE = Errors.UNSTABLE_OFFSET_COMMIT.code

describe('a fault', () => {
  test(
    'of one partition lets the others be committed and fetched',
    onGroupCluster(async ({ cluster, coordinatorOf }) => {
      const client = await coordinatorOf('g')
      const topicId = await createTopic(client, 'orders', 2)
      cluster.faults
        .on({ api: 'OFFSET_COMMIT', topic: 'orders', partition: 1 })
        .error('OFFSET_METADATA_TOO_LARGE')
      const { topics } = await client.request(ApiKeys.OFFSET_COMMIT, 10, {
        groupId: 'g',
        topics: [
          {
            topicId,
            partitions: [0, 1].map((partitionIndex) => ({
              partitionIndex,
              committedOffset: 5,
              committedMetadata: '',
            })),
          },
        ],
      })
      expect(topics[0]!.partitions.map(({ errorCode }) => errorCode)).toEqual([
        0,
        Errors.OFFSET_METADATA_TOO_LARGE.code,
      ])
      await commit(client, 'g', 'orders', 6, { partition: 1 })
      expect(await committed(client, 'g')).toEqual({ 'orders-0': 5, 'orders-1': 6 })
      for (const version of ApiKeys.OFFSET_FETCH.allVersions()) {
        cluster.faults
          .on({ api: 'OFFSET_FETCH', topic: 'orders', partition: 1 })
          .error('UNSTABLE_OFFSET_COMMIT')
        const topic = version >= 10 ? { topicId } : { name: 'orders' }
        const wanted = { groupId: 'g', topics: [{ ...topic, partitionIndexes: [0, 1] }] }
        const response = await client.request(
          ApiKeys.OFFSET_FETCH,
          version,
          version >= 8 ? { groups: [wanted] } : wanted,
        )
        const answer = version >= 8 ? response.groups[0]! : response
        expect(answer.topics[0]!.partitions, `v${version}`).toMatchObject([
          { partitionIndex: 0, committedOffset: 5, errorCode: 0 },
          { partitionIndex: 1, committedOffset: -1, errorCode: UNSTABLE },
        ])
        expect(cluster.faults.rules()).toEqual([])
      }
    }),
  )

  test(
    'of one group does not concern another',
    onGroupCluster(async ({ cluster, coordinatorOf }) => {
      const client = await coordinatorOf('g')
      await createTopic(client, 'orders')
      cluster.faults.on({ group: 'g', times: 4 }).error('COORDINATOR_LOAD_IN_PROGRESS')
      const { code } = Errors.COORDINATOR_LOAD_IN_PROGRESS
      expect(await commit(client, 'h', 'orders', 1)).toBe(0)
      expect(await commit(client, 'g', 'orders', 1)).toBe(code)
      const find = { coordinatorKeys: ['h', 'g'] }
      const { coordinators } = await client.request(ApiKeys.FIND_COORDINATOR, 6, find)
      expect(coordinators.map(({ errorCode }) => errorCode)).toEqual([code, code])
      const names = { groupsNames: ['g'] }
      const { results } = await client.request(ApiKeys.DELETE_GROUPS, 2, names)
      expect(results).toEqual([{ groupId: 'g', errorCode: code }])
      const fetch = { groups: [{ groupId: 'g', topics: null }] }
      const { groups } = await client.request(ApiKeys.OFFSET_FETCH, 9, fetch)
      expect(groups).toMatchObject([{ groupId: 'g', errorCode: code }])
      expect(await committed(client, 'g')).toEqual({})
      expect(await committed(client, 'h')).toEqual({ 'orders-0': 1 })
    }),
  )

  test(
    'takes each API at its own word for "it failed"',
    onGroupCluster(async ({ cluster, coordinatorOf }) => {
      const client = await coordinatorOf('g')
      const { memberId, generationId } = await joinAlone(client, 'g')
      cluster.faults.on({ group: 'g', times: 6 }).error('NOT_COORDINATOR')
      const { code } = Errors.NOT_COORDINATOR
      const member = { groupId: 'g', memberId, generationId }
      const joining = {
        ...member,
        sessionTimeoutMs: 10_000,
        protocolType: 'consumer',
        protocols: [],
      }
      const joined = await client.request(ApiKeys.JOIN_GROUP, 9, joining)
      expect(joined).toMatchObject({ errorCode: code, protocolName: null, generationId: -1 })
      const synced = await client.request(ApiKeys.SYNC_GROUP, 5, { ...member, assignments: [] })
      expect(synced).toMatchObject({ errorCode: code, assignment: new Uint8Array(0) })
      expect((await client.request(ApiKeys.HEARTBEAT, 4, member)).errorCode).toBe(code)
      const leaving = { groupId: 'g', members: [{ memberId }] }
      expect((await client.request(ApiKeys.LEAVE_GROUP, 5, leaving)).errorCode).toBe(code)
      const deletion = { groupId: 'g', topics: [] }
      expect((await client.request(ApiKeys.OFFSET_DELETE, 0, deletion)).errorCode).toBe(code)
      const { groups } = await client.request(ApiKeys.DESCRIBE_GROUPS, 6, { groups: ['g'] })
      expect(groups).toMatchObject([{ groupId: 'g', errorCode: code, groupState: '' }])
    }),
  )

  test(
    'that loses the answer to a commit leaves it committed',
    onGroupCluster(async ({ cluster, coordinatorOf }) => {
      const client = await coordinatorOf('g')
      await createTopic(client, 'orders')
      cluster.faults.on({ api: 'OFFSET_COMMIT' }).disconnect({ when: 'afterHandling' })
      await expect(commit(client, 'g', 'orders', 5)).rejects.toThrow('closed the connection')
      expect(await committed(await coordinatorOf('g'), 'g')).toEqual({ 'orders-0': 5 })
    }),
  )
})
