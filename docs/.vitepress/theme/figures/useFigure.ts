/**
 * A small figure: a lab with a pace of its own, and as few handles as possible.
 *
 *     lab (recording, story, scenes) ◄── seek ── pace ◄── frames, while it is played
 *
 * I1  It moves only while it is played, and stops by itself after the last thing that happens.
 * I2  A change of a setting is another run: it is shown from its beginning.
 * I3  With reduced motion the clock steps from mark to mark; nothing glides.
 */

import {
  type ComputedRef,
  computed,
  onBeforeUnmount,
  onMounted,
  type Ref,
  ref,
  type ShallowRef,
  watch,
} from 'vue'
import type { Json } from '../../../../lab/moments.ts'
import type { Scenario } from '../../../../lab/Scenario.ts'
import type { Scene } from '../../../../lab/scene/Scene.ts'
import type { StoryLine } from '../../../../lab/story.ts'
import { type Lab, useLab } from '../lab/useLab.ts'
import { clockAt, type Mark, markAt, marksOf, type Pace, playedAt } from './pace.ts'

export interface FigureOptions {
  readonly name: string
  readonly load: () => Promise<Scenario>
  readonly pace: Pace
}

export interface LiveFigure {
  readonly lab: Lab
  readonly scene: ShallowRef<Scene>
  readonly clockMs: Ref<number>
  /** All lines of the story up to here. */
  readonly told: ComputedRef<readonly StoryLine[]>
  readonly playing: Ref<boolean>
  readonly atEnd: ComputedRef<boolean>
  /** It was played, so there is something to see that nobody was told before. */
  readonly touched: Ref<boolean>
  readonly narrow: Ref<boolean>
  attach(element: HTMLElement): void
  toggle(): void
  restart(): void
  set(name: string, value: number | string): Promise<void>
  act(hand: string, value: Json): Promise<void>
}

/** A frame that took longer was not seen. */
const LONGEST_FRAME_MS = 100
/** Below this width a figure is laid out for a telephone. */
const NARROW_PX = 520

export const useFigure = (options: FigureOptions): LiveFigure => {
  const lab = useLab({ name: options.name, load: options.load, url: false })
  const marks = computed<readonly Mark[]>(() => marksOf(lab.story.value, options.pace))
  const playedMs = ref(0)
  const clockMs = ref(options.pace.startAtMs ?? 0)
  const playing = ref(false)
  const touched = ref(false)
  const narrow = ref(false)
  const endMs = computed(() => marks.value.at(-1)?.playedMs ?? 0)
  const atEnd = computed(() => lab.status.value === 'ready' && playedMs.value >= endMs.value)
  let frame = 0
  let lastFrameMs = 0
  let calm = false

  /** Shows the run as it is after `ms` of playing: all that has happened until that time. */
  const show = (ms: number): void => {
    if (lab.status.value !== 'ready') return
    playedMs.value = Math.min(ms, endMs.value)
    const i = markAt(marks.value, playedMs.value)
    const mark = marks.value[i]
    if (mark === undefined) return
    clockMs.value = calm ? mark.atMs : clockAt(marks.value, playedMs.value)
    const next = marks.value[i + 1]?.position ?? mark.position + 1
    let position = mark.position
    while (position + 1 < next && lab.story.value[position + 1]!.atMs <= clockMs.value) position++
    if (position !== lab.position.value) lab.seek(position)
  }

  const onFrame = (nowMs: number): void => {
    frame = 0
    const elapsedMs = Math.max(0, Math.min(LONGEST_FRAME_MS, nowMs - lastFrameMs))
    lastFrameMs = nowMs
    show(playedMs.value + elapsedMs)
    if (atEnd.value) playing.value = false
    if (playing.value) frame = requestAnimationFrame(onFrame)
  }
  const pause = (): void => {
    playing.value = false
    cancelAnimationFrame(frame)
    frame = 0
  }
  const play = (): void => {
    if (lab.status.value !== 'ready') return
    if (atEnd.value) show(0)
    touched.value = true
    playing.value = true
    lastFrameMs = performance.now()
    if (frame === 0) frame = requestAnimationFrame(onFrame)
  }
  const restart = (): void => {
    pause()
    touched.value = false
    if (lab.forks.value.some((fork) => fork.setting === null)) void lab.reset().then(() => show(0))
    else show(0)
  }

  watch(lab.status, (status) => {
    if (status !== 'ready') return
    lab.setDetail('all')
    // What was seen before a reload is seen again.
    const seenMs = lab.position.value < 0 ? 0 : playedAt(marks.value, lab.clockMs.value)
    touched.value = seenMs > 0
    show(seenMs)
  })

  let resized: ResizeObserver | undefined
  const attach = (element: HTMLElement): void => {
    lab.observe(element)
    resized = new ResizeObserver(() => {
      narrow.value = element.clientWidth < NARROW_PX
    })
    resized.observe(element)
    narrow.value = element.clientWidth < NARROW_PX
  }
  onMounted(() => {
    calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  })
  onBeforeUnmount(() => {
    pause()
    resized?.disconnect()
  })

  return {
    lab,
    scene: lab.scene,
    clockMs,
    told: computed(() => lab.story.value.slice(0, lab.position.value + 1)),
    playing,
    atEnd,
    touched,
    narrow,
    attach,
    toggle: () => (playing.value ? pause() : play()),
    restart,
    set: async (name, value) => {
      const again = touched.value
      pause()
      await lab.setSetting(name, value)
      show(0)
      if (again) play()
    },
    act: async (hand, value) => {
      const was = playing.value
      pause()
      const atMs = clockMs.value
      await lab.act(hand, value)
      show(playedAt(marks.value, atMs))
      if (was || !atEnd.value) play()
    },
  }
}
