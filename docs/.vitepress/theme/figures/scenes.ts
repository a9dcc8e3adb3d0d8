/** What the figures ask of a scene. All of it is there, or it is an empty list. */

import type {
  Scene,
  SceneBatch,
  SceneLogEntry,
  ScenePacket,
  SceneReceived,
  SceneRecord,
} from '../../../../lab/scene/Scene.ts'
import type { StoryLine } from '../../../../lab/story.ts'

/** In the order in which they were sent. */
export const recordsOf = (scene: Scene): SceneRecord[] => Object.values(scene.records)

/** In the order in which they were begun. */
export const batchesOf = (scene: Scene): SceneBatch[] => Object.values(scene.batches)

export const logOf = (scene: Scene, partition: string): readonly SceneLogEntry[] =>
  scene.brokers['broker-1']?.logs[partition] ?? []

export const receivedOf = (scene: Scene): readonly SceneReceived[] =>
  scene.consumers['consumer']?.received ?? []

/** Packets of requests of `api` and of the answers to them. */
export const packetsOf = (scene: Scene, api: string): ScenePacket[] =>
  Object.values(scene.packets).filter((packet) => scene.requests[packet.request ?? '']?.api === api)

/** How far a packet has come: 0 where it was sent, 1 where it arrives. */
export const wayOf = (packet: ScenePacket, clockMs: number): number => {
  const lengthMs = Math.max(0.001, packet.arrivesMs - packet.sentMs)
  return Math.min(1, Math.max(0, (clockMs - packet.sentMs) / lengthMs))
}

/** The times of all moments of one name, on the stage. */
export const timesOf = (story: readonly StoryLine[], name: StoryLine['name']): number[] =>
  story.filter((line) => line.name === name && line.atMs >= 0).map((line) => line.atMs)

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

/** `three requests`; numbers above ten in digits. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${WORDS[n] ?? n} ${n === 1 ? one : many}`

export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
