/** `annotated-kafka consume … | head -1`: whoever reads its output goes before it does. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

const consume = (bootstrap: string) => {
  const args = ['consume', '--bootstrap-server', bootstrap, '--topic', 'orders', '--group', 'g']
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args, '--from-beginning'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, err }))
  return { child, ended }
}

test.each([
  {
    closed: ['stdout'] as const,
    err: 'Unable to write to standard out, closing consumer.\nProcessed a total of 2 messages\n',
  },
  // `2>&1 | head -1`: there is nobody left to be told.
  { closed: ['stdout', 'stderr'] as const, err: '' },
])('a consumer whose $closed is closed leaves its group and ends well', async (expected) => {
  await using cluster = await EmbeddedCluster.start({
    config: { 'group.initial.rebalance.delay.ms': '0', 'offsets.topic.num.partitions': '1' },
  })
  const servers = { 'bootstrap.servers': cluster.bootstrapServers }
  const strings = { 'key.serializer': StringSerializer, 'value.serializer': StringSerializer }
  const producer = new KafkaProducer({ ...servers, ...strings })
  await producer.send({ topic: 'orders', value: 'one' })
  const { child, ended } = consume(cluster.bootstrapServers)
  // A test that has failed leaves nobody behind.
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let shown = ''
  while (!shown.endsWith('\n')) shown += String((await once(child.stdout, 'data'))[0])
  expect(shown).toBe('one\n')
  for (const name of expected.closed) {
    child[name].destroy()
    await once(child[name], 'close')
  }
  await producer.send({ topic: 'orders', value: 'two' })
  expect(await ended).toEqual({ code: 0, err: expected.err })
  const admin = new KafkaAdminClient(servers)
  const groups = await admin.describeConsumerGroups(['g']).all()
  expect([...groups.values()].map(({ groupState }) => groupState)).toEqual(['Empty'])
  await Promise.all([admin.close(), producer.close()])
})
