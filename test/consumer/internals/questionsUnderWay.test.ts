/** What is on its way is not asked for again; what a new leader makes void is forgotten. */

import { beforeEach, expect, test } from 'vitest'
import { ConsumerHarness, tp0 } from '../support/ConsumerHarness.ts'

let harness: ConsumerHarness
const asked = () => harness.client.requests().map(({ apiKey }) => apiKey.name)

beforeEach(() => {
  harness = new ConsumerHarness()
  harness.assign(tp0)
})

test('a missing position was asked for again while the question was on its way', async () => {
  harness.subscriptions.requestOffsetReset(tp0)
  for (let i = 0; i < 3; i++) {
    harness.offsetFetcher.resetPositionsIfNeeded()
    await harness.poll()
  }
  expect(asked()).toEqual(['ListOffsets'])
})

test('a doubtful position was asked about again while the question was on its way', async () => {
  harness.updateMetadata({ leaderEpoch: () => 2 })
  harness.seek(tp0, 5, 1)
  expect(harness.subscriptions.awaitingValidation(tp0)).toBe(true)
  for (let i = 0; i < 3; i++) {
    harness.offsetFetcher.validatePositionsIfNeeded()
    await harness.poll()
  }
  expect(asked()).toEqual(['OffsetForLeaderEpoch'])
})

test('a replica that the old leader recommended was read under the new one', () => {
  const { subscriptions, metadata, apiVersions, time } = harness
  harness.seek(tp0, 5)
  subscriptions.updatePreferredReadReplica(tp0, 1, () => time.milliseconds() + 60_000)
  expect(subscriptions.preferredReadReplica(tp0, time.milliseconds())).toBe(1)
  harness.updateMetadata({ leaderEpoch: () => 2 })
  const leader = metadata.currentLeader(tp0)
  subscriptions.maybeValidatePositionForCurrentLeader(apiVersions, tp0, leader)
  expect(subscriptions.preferredReadReplica(tp0, time.milliseconds())).toBeNull()
})
