/**
 * What a picture shows at one moment: where every record, batch, request and packet is.
 *
 *     producer              wire         broker-1               wire       consumer
 *     records ─► [batch]  ═ packet ═►  queue ─► handling     ═ packet ═►  fetched ─► given
 *                in flight             purgatory   └─► log 0 1 2 3
 *
 * A scene is plain data (it can be cloned), built from moments alone by `SceneBuilder`. Views place
 * it; they know nothing else.
 */

/** Where a record stands inside the producer, in the order in which it gets there. */
export type RecordPlace =
  | 'send'
  | 'interceptors'
  | 'metadata'
  | 'serializer'
  | 'partitioner'
  | 'batch'
  | 'acknowledged'
  | 'failed'

export interface SceneRecord {
  /** `producer/0`: the first record that this producer was given. */
  readonly id: string
  readonly producer: string
  readonly key: string | null
  readonly value: string | null
  readonly topic: string
  place: RecordPlace
  /** Chosen by the partitioner or by the accumulator; `null` until then. */
  partition: number | null
  batch: string | null
  /** As the acknowledgement told; `null` until then, -1 when nobody was asked (acks=0). */
  offset: number | null
  /** Bytes in the batch, once it is written there. */
  bytes: number | null
}

export interface SceneBatch {
  readonly id: string
  readonly producer: string
  readonly topic: string
  readonly partition: number
  readonly records: string[]
  /** Written so far, the header of 61 included. */
  bytes: number
  /** In a deque and open, in a deque again after a failure, in a request, or done. */
  place: 'deque' | 'inFlight' | 'done' | 'failed'
  /** How often it was sent. */
  tries: number
  /** When its first record was written: what `linger.ms` counts from. */
  readonly createdMs: number
}

/**
 * Where a request is. `purgatory`: the broker holds its answer until there is something to say;
 * `back`: the answer is on its way; `arrived`: all of it is with the client, who has not read it.
 */
export type RequestPlace =
  | 'client'
  | 'out'
  | 'queue'
  | 'handling'
  | 'purgatory'
  | 'back'
  | 'arrived'

/** Partition and offsets that the answer to a Fetch brings. */
export interface SceneRead {
  readonly partition: string
  readonly from: number
  readonly to: number
}

export interface SceneRequest {
  /** `producer#4`. */
  readonly id: string
  readonly client: string
  readonly api: string
  readonly correlationId: number
  /** Of the request, its size field included; those of the response once it is known. */
  bytes: number
  place: RequestPlace
  /** What a Produce request carries. */
  readonly batches: string[]
  /** What a Fetch response brings. */
  carries: SceneRead[]
  /** A broker's name for the connection. */
  connection: string | null
  /** Its client waits for no answer (any more); it may still be on its way. */
  abandoned: boolean
}

export interface ScenePacket {
  /** Connection, direction and number: `3>5`. */
  readonly id: string
  readonly from: string
  readonly to: string
  readonly kind: string
  readonly bytes: number
  /** The request or response that its bytes belong to. */
  readonly request: string | null
  readonly isResponse: boolean
  readonly sentMs: number
  readonly arrivesMs: number
  /** On its way, and it will not arrive. */
  readonly lost: boolean
}

export interface SceneLogEntry {
  readonly offset: number
  /** The record at this offset; the same record may be stored twice, after a retry. */
  readonly record: string | null
  readonly batchBytes: number
}

export interface SceneBroker {
  /** Ids of requests, oldest first. */
  readonly queue: string[]
  readonly purgatory: string[]
  handling: string | null
  /** By partition: `greetings-1`. */
  readonly logs: Record<string, SceneLogEntry[]>
  /** Where the newest read of a partition began; -1 when it found nothing. */
  readonly lastRead: Record<string, number>
}

export interface SceneProducer {
  /** Batches that wait, oldest first, by partition. */
  readonly deques: Record<string, string[]>
  /** Requests without an answer. */
  readonly inFlight: string[]
  /** Bytes of `buffer.memory` that nobody holds; `null` until somebody asked. */
  freeBytes: number | null
  turns: number
}

export interface SceneFetched {
  readonly partition: string
  readonly from: number
  readonly bytes: number
}

export interface SceneReceived {
  readonly partition: string
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
}

export interface SceneConsumer {
  /** Read from an answer, and on its way into the fetch buffer. */
  readonly reading: SceneRead[]
  /** Fetched and not taken yet. */
  readonly fetched: SceneFetched[]
  /** Given to the program, in the order in which it got them. */
  readonly received: SceneReceived[]
  /** The next offset that the program will get, by partition. */
  readonly positions: Record<string, number>
  readonly inFlight: string[]
  /** What its program last said that it does. */
  state: string
}

export interface Scene {
  /** Of the moment that it shows; what came later in the same run is not in it. */
  index: number
  atMs: number
  readonly records: Record<string, SceneRecord>
  readonly batches: Record<string, SceneBatch>
  /** Those without an answer, and the last answered. */
  readonly requests: Record<string, SceneRequest>
  readonly packets: Record<string, ScenePacket>
  readonly producers: Record<string, SceneProducer>
  readonly brokers: Record<string, SceneBroker>
  readonly consumers: Record<string, SceneConsumer>
  /** How many of which there have been: `Produce` requests, retries, lost packets. */
  readonly counts: Record<string, number>
}

export const emptyScene = (): Scene => ({
  index: -1,
  atMs: 0,
  records: {},
  batches: {},
  requests: {},
  packets: {},
  producers: {},
  brokers: {},
  consumers: {},
  counts: {},
})

/** Whether it is its answer that is on the way. */
export const isAnswer = ({ place }: SceneRequest): boolean =>
  place === 'back' || place === 'arrived'

/** Whether every record has come to its end, and who reads has read everything. */
export const isQuiet = (scene: Scene): boolean => {
  for (const { place } of Object.values(scene.records)) {
    if (place !== 'acknowledged' && place !== 'failed') return false
  }
  const requests = Object.values(scene.requests)
  if (requests.some(({ api, abandoned }) => api === 'Produce' && !abandoned)) return false
  if (requests.some(({ carries }) => carries.length > 0)) return false
  return Object.values(scene.consumers).every(({ fetched }) => fetched.length === 0)
}
