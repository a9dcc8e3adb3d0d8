/**
 * A producer asks for the id and the epoch that make its retries harmless. For an idempotent
 * producer any broker answers with a fresh id; with a transactional id the transaction coordinator
 * does, gives the same id again, and raises the epoch, which fences older instances.
 *
 * 2 brought the flexible form, 3 asking with an id that one has already (to get a higher epoch), 4
 * and 5 new errors. 6 is being worked on in 4.3.1 and not advertised: transactions that something
 * outside Kafka takes part in.
 *
 * @kafka org.apache.kafka.common.message.InitProducerIdRequestData
 * @kafka org.apache.kafka.common.message.InitProducerIdResponseData
 */

import { type DataOf, type InputOf, message } from '../schema/message.ts'
import { bigint64, bool, int16, int32, string } from '../schema/types.ts'

/**
 * Who is asking. The producer id uses all 64 bits, so it is a `bigint`.
 *
 *     InitProducerIdRequest v6 => transactionalId transactionTimeoutMs producerId producerEpoch
 *         enable2Pc keepPreparedTxn {}
 *       transactionalId => string | null
 *       transactionTimeoutMs => int32
 *       producerId => int64
 *       producerEpoch => int16
 *       enable2Pc => bool
 *       keepPreparedTxn => bool
 */
export const InitProducerIdRequest = message({
  name: 'InitProducerIdRequest',
  kind: 'request',
  apiKey: 22,
  validVersions: '0-6',
  flexibleVersions: '2+',
  latestVersionUnstable: true,
  fields: {
    // null for a producer that is only idempotent.
    transactionalId: string({ nullable: '0+' }),
    // After so long without news the coordinator aborts an open transaction.
    transactionTimeoutMs: int32(),
    producerId: bigint64({ versions: '3+', default: -1n }),
    producerEpoch: int16({ versions: '3+', default: -1 }),
    enable2Pc: bool({ versions: '6+' }),
    keepPreparedTxn: bool({ versions: '6+' }),
  },
})
export type InitProducerIdRequestData = DataOf<typeof InitProducerIdRequest>
export type InitProducerIdRequestInput = InputOf<typeof InitProducerIdRequest>

/**
 * The id to put into every batch.
 *
 *     InitProducerIdResponse v6 => throttleTimeMs errorCode producerId producerEpoch
 *         ongoingTxnProducerId ongoingTxnProducerEpoch {}
 *       throttleTimeMs => int32
 *       errorCode => int16
 *       producerId => int64
 *       producerEpoch => int16
 *       ongoingTxnProducerId => int64
 *       ongoingTxnProducerEpoch => int16
 */
export const InitProducerIdResponse = message({
  name: 'InitProducerIdResponse',
  kind: 'response',
  apiKey: 22,
  validVersions: '0-6',
  flexibleVersions: '2+',
  latestVersionUnstable: true,
  fields: {
    throttleTimeMs: int32({ ignorable: true }),
    errorCode: int16(),
    producerId: bigint64({ default: -1n }),
    producerEpoch: int16(),
    ongoingTxnProducerId: bigint64({ versions: '6+', default: -1n }),
    ongoingTxnProducerEpoch: int16({ versions: '6+', default: -1 }),
  },
})
export type InitProducerIdResponseData = DataOf<typeof InitProducerIdResponse>
export type InitProducerIdResponseInput = InputOf<typeof InitProducerIdResponse>
