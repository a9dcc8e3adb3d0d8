/**
 * Takes the parts that a fault is meant for out of a request, and puts their errors into the answer
 * to the rest.
 *
 *     request  a-0 a-1 b-0 ──┬─ matched   a-1     ─► errors ──────┐
 *                            └─ rest      a-0 b-0 ─► handled ─────┴─► one answer
 *
 * Nearly all APIs have one of two shapes: topics with partitions, or topics alone. So one table
 * says where they are, and nothing here is written for one version.
 */

import { Uuid } from '../../common/Uuid.ts'
import { type AnyApiKey, ApiKeys } from '../../protocol/ApiKeys.ts'
import type { WireError } from '../../protocol/Errors.ts'
import { errorResponse } from '../apis/errorResponse.ts'
import type { RequestPart } from './Faults.ts'

/** A message, or a part of one. */
export type Fields = Readonly<Record<string, unknown>>

/** Where an API has its topics and partitions. */
interface Shape {
  /** Lists of topics in the request; which one is used depends on the version. */
  readonly topics: readonly string[]
  /** The list of partitions in a topic, and the number in a partition. */
  readonly partitions?: readonly [list: string, index: string]
  /** The list of topics in the response, and that of partitions in a topic. */
  readonly answers: string
  readonly answered?: string
}

const SHAPES: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  [
    ApiKeys.PRODUCE.id,
    {
      topics: ['topicData'],
      partitions: ['partitionData', 'index'],
      answers: 'responses',
      answered: 'partitionResponses',
    },
  ],
  [
    ApiKeys.FETCH.id,
    {
      topics: ['topics'],
      partitions: ['partitions', 'partition'],
      answers: 'responses',
      answered: 'partitions',
    },
  ],
  [
    ApiKeys.LIST_OFFSETS.id,
    {
      topics: ['topics'],
      partitions: ['partitions', 'partitionIndex'],
      answers: 'topics',
      answered: 'partitions',
    },
  ],
  [
    ApiKeys.OFFSET_FOR_LEADER_EPOCH.id,
    {
      topics: ['topics'],
      partitions: ['partitions', 'partition'],
      answers: 'topics',
      answered: 'partitions',
    },
  ],
  [
    ApiKeys.OFFSET_COMMIT.id,
    {
      topics: ['topics'],
      partitions: ['partitions', 'partitionIndex'],
      answers: 'topics',
      answered: 'partitions',
    },
  ],
  [ApiKeys.METADATA.id, { topics: ['topics'], answers: 'topics' }],
  [ApiKeys.CREATE_TOPICS.id, { topics: ['topics'], answers: 'topics' }],
  [ApiKeys.DELETE_TOPICS.id, { topics: ['topics', 'topicNames'], answers: 'responses' }],
  [ApiKeys.DESCRIBE_TOPIC_PARTITIONS.id, { topics: ['topics'], answers: 'topics' }],
])

/** The topic with an id, as far as the broker knows it. */
export type TopicNames = (id: Uuid) => string | undefined

/** Every topic and partition that a request names. */
export const partsOf = (apiKey: AnyApiKey, body: Fields, names: TopicNames): RequestPart[] => {
  if (apiKey.id === ApiKeys.OFFSET_FETCH.id) return offsetFetchParts(body, names)
  const shape = SHAPES.get(apiKey.id)
  if (shape === undefined) return []
  const parts: RequestPart[] = []
  for (const element of shape.topics.flatMap((field) => listOf(body, field))) {
    const topic = topicOf(element, names)
    if (shape.partitions === undefined) parts.push({ topic, partition: undefined })
    else {
      const [list, index] = shape.partitions
      for (const each of listOf(element as Fields, list)) {
        parts.push({ topic, partition: (each as Fields)[index] as number })
      }
    }
  }
  return parts
}

/** Partitions are bare numbers here, and from version 8 on they stand under their group. */
const offsetFetchParts = (body: Fields, names: TopicNames): RequestPart[] => {
  const holders = [body, ...(listOf(body, 'groups') as Fields[])]
  return holders
    .flatMap((holder) => listOf(holder, 'topics') as Fields[])
    .flatMap((element) => {
      const topic = topicOf(element, names)
      const partitions = listOf(element, 'partitionIndexes') as readonly number[]
      return partitions.map((partition) => ({ topic, partition }))
    })
}

/** Every group that a request names; for `FindCoordinator` those whose coordinator it looks for. */
export const groupsOf = (apiKey: AnyApiKey, body: Fields): string[] => {
  if (apiKey.id === ApiKeys.FIND_COORDINATOR.id) {
    if (body.keyType !== 0) return []
    return [body.key as string, ...(listOf(body, 'coordinatorKeys') as string[])]
  }
  const named = [...listOf(body, 'groups'), ...listOf(body, 'groupsNames')]
  const ids = named.map((each) => (typeof each === 'string' ? each : (each as Fields).groupId))
  return [body.groupId, ...ids].filter((id): id is string => typeof id === 'string')
}

export interface SplitRequest {
  readonly matched: Fields
  /** `undefined` when nothing is left. */
  readonly rest: Fields | undefined
}

/** A request in two: the parts that `matches` is true for, and the others. */
export const splitRequest = (
  apiKey: AnyApiKey,
  body: Fields,
  names: TopicNames,
  matches: (part: RequestPart) => boolean,
): SplitRequest => {
  const shape = SHAPES.get(apiKey.id)
  if (shape === undefined) return { matched: body, rest: undefined }
  const matched: Record<string, unknown> = { ...body }
  const rest: Record<string, unknown> = { ...body }
  let left = 0
  for (const field of shape.topics) {
    if (body[field] === null || body[field] === undefined) continue
    const topics = listOf(body, field)
    const keep = (wanted: boolean): unknown[] =>
      topics.flatMap((each) =>
        keepParts(each, shape, (part) => matches(part) === wanted, topicOf(each, names)),
      )
    matched[field] = keep(true)
    const kept = keep(false)
    rest[field] = kept
    left += kept.length
  }
  return { matched, rest: left > 0 ? rest : undefined }
}

/** The answer that says `error` of everything that `body` names. */
export const errorFor = (
  apiKey: AnyApiKey,
  version: number,
  body: Fields,
  error: WireError,
): Fields | undefined => {
  if (apiKey.id !== ApiKeys.FETCH.id) {
    return errorResponse(apiKey, version, body, error.exception()) as Fields | undefined
  }
  // Not of the fetch as a whole, which in newer versions leaves no place for the other partitions.
  const responses = listOf(body, 'topics').map((each) => {
    const { topic, topicId, partitions } = each as Fields & { partitions: Fields[] }
    return {
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => ({
        partitionIndex: partition,
        errorCode: error.code,
        highWatermark: -1,
        records: new Uint8Array(0),
      })),
    }
  })
  return { errorCode: 0, sessionId: 0, responses }
}

/** `response`, with the topics and partitions of `errors` added. */
export const mergeAnswers = (apiKey: AnyApiKey, response: Fields, errors: Fields): Fields => {
  const { answers, answered } = SHAPES.get(apiKey.id)!
  const merged = [...listOf(response, answers)] as Fields[]
  for (const topic of listOf(errors, answers) as Fields[]) {
    const at = merged.findIndex((each) => keyOf(each) === keyOf(topic))
    if (at < 0 || answered === undefined) merged.push(topic)
    else {
      const partitions = [...listOf(merged[at]!, answered), ...listOf(topic, answered)]
      merged[at] = { ...merged[at]!, [answered]: partitions }
    }
  }
  return { ...response, [answers]: merged }
}

/**
 * Metadata is answered whole, brokers and all, and then says the error of the topics that
 * `matches` is true for: without brokers a client would throw the answer away.
 */
export const withTopicErrors = (
  response: Fields,
  error: WireError,
  matches: (part: RequestPart) => boolean,
): Fields => ({
  ...response,
  topics: (listOf(response, 'topics') as Fields[]).map((topic) =>
    matches({ topic: String(topic.name), partition: undefined })
      ? { ...topic, errorCode: error.code, partitions: [] }
      : topic,
  ),
})

/**
 * An offset fetch is answered by the coordinator, and then says the error of the partitions that
 * `matches` is true for.
 */
export const withOffsetErrors = (
  response: Fields,
  error: WireError,
  names: TopicNames,
  matches: (part: RequestPart) => boolean,
): Fields => {
  const amend = (holder: Fields): Fields => ({
    ...holder,
    topics: (listOf(holder, 'topics') as Fields[]).map((element) => {
      const topic = topicOf(element, names)
      const partitions = (listOf(element, 'partitions') as Fields[]).map((each) =>
        matches({ topic, partition: each.partitionIndex as number })
          ? { ...each, committedOffset: -1, metadata: '', errorCode: error.code }
          : each,
      )
      return { ...element, partitions }
    }),
  })
  const groups = listOf(response, 'groups') as Fields[]
  return groups.length > 0 ? { ...response, groups: groups.map(amend) } : amend(response)
}

const listOf = (fields: Fields, name: string): readonly unknown[] =>
  (fields[name] as readonly unknown[] | null | undefined) ?? []

/** A topic by its name alone, or a structure with a name or an id. */
const topicOf = (element: unknown, names: TopicNames): string => {
  if (typeof element === 'string') return element
  const { name, topic, topicId } = element as Fields
  const given = (name ?? topic) as string | null | undefined
  if (given !== undefined && given !== null && given !== '') return given
  return topicId instanceof Uuid ? (names(topicId) ?? '') : ''
}

const keepParts = (
  element: unknown,
  shape: Shape,
  wanted: (part: RequestPart) => boolean,
  topic: string,
): unknown[] => {
  if (shape.partitions === undefined) {
    return wanted({ topic, partition: undefined }) ? [element] : []
  }
  const [list, index] = shape.partitions
  const partitions = listOf(element as Fields, list).filter((each) =>
    wanted({ topic, partition: (each as Fields)[index] as number }),
  )
  return partitions.length === 0 ? [] : [{ ...(element as Fields), [list]: partitions }]
}

/** An id names a topic better than its name: an answer may have the name too, or not. */
const keyOf = ({ name, topic, topicId }: Fields): string =>
  topicId instanceof Uuid && !topicId.equals(Uuid.ZERO_UUID)
    ? topicId.toString()
    : String(name ?? topic)
