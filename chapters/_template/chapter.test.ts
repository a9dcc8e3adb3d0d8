/**
 * The chapter's tests: 5 to 25, each a sentence about behaviour, meant to be read.
 *
 * A scenario of Kafka's own tests is named by `covers('SenderTest.testSimple')`, a verdict on one
 * of the study notes is given by `note('N35', 'holds')`; both stand inside the test that shows it.
 */

import { expect, test } from 'vitest'
import { Recorder } from '../../lab/Recorder.ts'
import { lab } from './lab.ts'

test('a record is acknowledged after the way to the broker and back', async () => {
  const { recording, settings } = await Recorder.start(lab)
  const done = recording.moments.find(({ name }) => name === 'app.acknowledged')
  expect(done?.atMs).toBeGreaterThanOrEqual(2 * settings.latency)
})
