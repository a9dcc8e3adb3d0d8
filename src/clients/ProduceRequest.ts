/**
 * The request to append batches to partitions that one broker leads.
 *
 * @kafka org.apache.kafka.common.requests.ProduceRequest
 */

import { ApiKeys } from '../protocol/ApiKeys.ts'
import type { ProduceRequestInput } from '../protocol/messages/Produce.ts'
import { validateRecords } from '../protocol/ProduceRecords.ts'
import { MemoryRecords } from '../record/MemoryRecords.ts'
import { type AllowedVersions, type RequestBuilder, requestBuilder } from './RequestBuilder.ts'

const NO_RECORDS = new Uint8Array(0)

/**
 * The batches' bytes go into the request by reference. They are checked when its version is known:
 * one batch for each partition, in a format and compression that this version can carry.
 *
 * @param allowed default: every version that both of us know. Up to version 11 partitions must have
 *   been added to a transaction before they are written to; later the broker adds them (KIP-890)
 */
export const produceRequest = (
  data: ProduceRequestInput,
  allowed: AllowedVersions = {},
): RequestBuilder<typeof ApiKeys.PRODUCE> =>
  requestBuilder(
    ApiKeys.PRODUCE,
    (version) => {
      for (const { partitionData = [] } of data.topicData ?? []) {
        for (const { records } of partitionData) {
          validateRecords(version, MemoryRecords.readableRecords(records ?? NO_RECORDS))
        }
      }
      return data
    },
    allowed,
  )
