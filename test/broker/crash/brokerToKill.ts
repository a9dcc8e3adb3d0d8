/**
 * A program that is made to be killed: a broker on a real disk, somebody who writes to it without a
 * pause, and a member of a group that commits after each record. One line for each acknowledged
 * offset and each commit, after the acknowledgement.
 *
 * Arguments: the directory, how many records there are already.
 */

import { EmbeddedCluster } from '../../../src/broker/EmbeddedCluster.ts'
import { FileStorage } from '../../../src/broker/log/FileStorage.ts'
import { systemEnvironment } from '../../../src/network/Environment.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { WireClient } from '../../support/WireClient.ts'
import { batchOf, createTopic, produce } from '../brokerSupport.ts'
import { commit, coordinatorReady, joinAlone } from '../group/groupSupport.ts'

const [dir, already] = process.argv.slice(2)
const environment = systemEnvironment()
const cluster = await EmbeddedCluster.start({
  environment,
  storage: new FileStorage(dir!),
  config: {
    'log.segment.bytes': 1024 * 1024,
    'offsets.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
  },
})
const client = await WireClient.connect(environment, cluster.broker(1).host, cluster.broker(1).port)
const { topics } = await client.request(ApiKeys.METADATA, 9, { topics: null })
if (topics.length === 0) await createTopic(client, 'orders')
const { producerId } = await client.request(ApiKeys.INIT_PRODUCER_ID, 4, {
  transactionalId: null,
  transactionTimeoutMs: -1,
})
process.stdout.write(`producer ${producerId}\n`)
await coordinatorReady(environment.time, client, 'readers')
// One group with a member, one without: both commits must survive.
const member = await joinAlone(client, `readers-${already}`)

for (let i = Number(already), baseSequence = 0; ; i++, baseSequence++) {
  const records = batchOf([`record ${i} ${'x'.repeat(i % 20_000)}`], {
    producerId,
    producerEpoch: 0,
    baseSequence,
  })
  const { errorCode, baseOffset } = await produce(client, 'orders', records)
  if (errorCode !== 0) throw new Error(`produce failed: ${errorCode}`)
  process.stdout.write(`acknowledged ${baseOffset}\n`)
  const error =
    (await commit(client, `readers-${already}`, 'orders', baseOffset + 1, member)) ||
    (await commit(client, 'readers', 'orders', baseOffset + 1))
  if (error !== 0) throw new Error(`commit failed: ${error}`)
  process.stdout.write(`committed ${baseOffset + 1}\n`)
}
