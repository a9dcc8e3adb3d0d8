/**
 * What a program may give to `send`, to be called once with the outcome.
 *
 * It runs inside the Sender's turn, and in the order in which the records of one partition were
 * sent: keep it short. One function shared by all sends costs nothing per record. What it throws is
 * logged and changes nothing.
 *
 * @param metadata where the record is; beside an error only topic and (if chosen) partition say
 *   something
 * @param exception `null` when the record is acknowledged
 *
 * @kafka org.apache.kafka.clients.producer.Callback
 */

import type { RecordMetadata } from './RecordMetadata.ts'

export type Callback = (metadata: RecordMetadata, exception: Error | null) => void
