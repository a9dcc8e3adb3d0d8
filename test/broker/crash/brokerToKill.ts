/**
 * A program that is made to be killed: a broker on a real disk and somebody who writes to it
 * without a pause. One line for each acknowledged offset, after the acknowledgement.
 *
 * Arguments: the directory, how many records there are already.
 */

import { EmbeddedCluster } from '../../../src/broker/EmbeddedCluster.ts'
import { FileStorage } from '../../../src/broker/log/FileStorage.ts'
import { systemEnvironment } from '../../../src/network/Environment.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { WireClient } from '../../support/WireClient.ts'
import { batchOf, createTopic, produce } from '../brokerSupport.ts'

const [dir, already] = process.argv.slice(2)
const environment = systemEnvironment()
const cluster = await EmbeddedCluster.start({
  environment,
  storage: new FileStorage(dir!),
  config: { 'log.segment.bytes': 1024 * 1024 },
})
const client = await WireClient.connect(environment, cluster.broker(1).host, cluster.broker(1).port)
const { topics } = await client.request(ApiKeys.METADATA, 9, { topics: null })
if (topics.length === 0) await createTopic(client, 'orders')
const { producerId } = await client.request(ApiKeys.INIT_PRODUCER_ID, 4, {
  transactionalId: null,
  transactionTimeoutMs: -1,
})
process.stdout.write(`producer ${producerId}\n`)

for (let i = Number(already), baseSequence = 0; ; i++, baseSequence++) {
  const records = batchOf([`record ${i} ${'x'.repeat(i % 20_000)}`], {
    producerId,
    producerEpoch: 0,
    baseSequence,
  })
  const { errorCode, baseOffset } = await produce(client, 'orders', records)
  if (errorCode !== 0) throw new Error(`produce failed: ${errorCode}`)
  process.stdout.write(`acknowledged ${baseOffset}\n`)
}
