/**
 * A lab in a page: a `LabSession` made reactive, played frame by frame, loaded when it comes into
 * view, remembered in the address line.
 *
 * I1  Nothing of the engine is loaded, and nothing runs, before the figure is in view.
 * I2  A reload finds everything as it was: settings, what was done, and the moment.
 * I3  Frames are asked for only while something is played: a page at rest costs nothing.
 */

import {
  type ComputedRef,
  computed,
  onBeforeUnmount,
  onMounted,
  type Ref,
  ref,
  type ShallowRef,
  shallowRef,
  triggerRef,
} from 'vue'
import type { Detail, Fork, LabSession } from '../../../../lab/LabSession.ts'
import type { Json } from '../../../../lab/moments.ts'
import type { Recording } from '../../../../lab/Recording.ts'
import type { Action, Scenario } from '../../../../lab/Scenario.ts'
import { emptyScene, type Scene } from '../../../../lab/scene/Scene.ts'
import type { StoryLine } from '../../../../lab/story.ts'

export interface LabOptions {
  /** Imports the scenario; called once, when the figure comes into view. */
  readonly load: () => Promise<Scenario>
  /** Of the lab in the address line, and on its page. */
  readonly name: string
  /**
   * Keeps what the reader does in the address line; default true. Otherwise the tab keeps it, so
   * that a reload loses nothing and a link to the page shows it fresh.
   */
  readonly url?: boolean
  /** How fast it plays at first; default 1. */
  readonly speed?: number
}

export type LabStatus = 'idle' | 'loading' | 'ready' | 'failed'

/** `LabSession`'s fork, and where in the story it is. */
export interface ShownFork extends Fork {
  readonly position: number
}

export interface Lab {
  readonly name: string
  readonly status: Ref<LabStatus>
  readonly error: Ref<string>
  readonly scenario: ShallowRef<Scenario | null>
  readonly settings: Ref<Readonly<Record<string, number | string>>>
  readonly scene: ShallowRef<Scene>
  /** The run that `scene` is a moment of; it may grow at its end. */
  readonly recording: ShallowRef<Recording | null>
  readonly clockMs: Ref<number>
  readonly story: ShallowRef<readonly StoryLine[]>
  readonly spoke: ComputedRef<StoryLine | null>
  /** Index into `story` of the line that spoke last; -1: none. */
  readonly position: Ref<number>
  readonly playing: Ref<boolean>
  readonly speed: Ref<number>
  readonly atEnd: ComputedRef<boolean>
  readonly forks: ComputedRef<readonly ShownFork[]>
  /** What is done in the run, by its script and by the reader. */
  readonly actions: ComputedRef<readonly Action[]>
  readonly detail: Ref<Detail>
  /** Something that was done is being recorded. */
  readonly busy: Ref<boolean>
  /** Loads and records. */
  start(): Promise<void>
  /** Starts when `element` comes near the view. */
  observe(element: Element): void
  play(): void
  pause(): void
  toggle(): void
  step(by: 1 | -1): void
  stepPoll(): Promise<void>
  seek(position: number): void
  /** To the beginning of the run as it is. */
  restart(): void
  /** Takes back what was done by hand. */
  reset(): Promise<void>
  setSpeed(speed: number): void
  setDetail(detail: Detail): void
  setSetting(name: string, value: number | string): Promise<void>
  act(hand: string, value: Json): Promise<void>
}

/** A frame that took longer than this was not seen: the tab was away. */
const LONGEST_FRAME_MS = 100
/** How far below the view a lab is loaded. */
const AHEAD = '240px'

export const useLab = (options: LabOptions): Lab => {
  const { name, url = true } = options
  const status = ref<LabStatus>('idle')
  const error = ref('')
  const busy = ref(false)
  const playing = ref(false)
  const position = ref(-1)
  const clockMs = ref(0)
  const speed = ref(options.speed ?? 1)
  const detail = ref<Detail>('story')
  const settings = ref<Readonly<Record<string, number | string>>>({})
  const scenario = shallowRef<Scenario | null>(null)
  const scene = shallowRef<Scene>(emptyScene())
  const recording = shallowRef<Recording | null>(null)
  const story = shallowRef<readonly StoryLine[]>([])
  const session = shallowRef<LabSession | null>(null)
  let frame = 0
  let lastFrameMs = 0
  let observer: IntersectionObserver | undefined
  const keptAs = `lab ${name}`
  let gone = false

  /** Shows what the session is at now. */
  const refresh = (): void => {
    const now = session.value
    if (now === null) return
    scene.value = now.scene
    clockMs.value = now.player.clockMs
    position.value = now.player.position
    playing.value = now.player.playing
    recording.value = now.recording
    if (story.value !== now.story) story.value = now.story
    detail.value = now.detail
    settings.value = now.settings
  }

  /** After something that the reader did. */
  const settle = (): void => {
    refresh()
    triggerRef(session)
    if (!playing.value) remember()
    if (playing.value && frame === 0) {
      lastFrameMs = performance.now()
      frame = requestAnimationFrame(onFrame)
    }
  }

  const onFrame = (nowMs: number): void => {
    frame = 0
    const now = session.value
    if (now === null || gone) return
    const elapsedMs = Math.max(0, Math.min(LONGEST_FRAME_MS, nowMs - lastFrameMs))
    lastFrameMs = nowMs
    now.tick(elapsedMs)
    refresh()
    if (now.player.playing) frame = requestAnimationFrame(onFrame)
    else remember()
  }

  const remember = (): void => {
    const now = session.value
    if (now === null || !url) return
    const here = new URL(location.href)
    if (now.address === '') here.searchParams.delete(name)
    else here.searchParams.set(name, now.address)
    if (here.href !== location.href) history.replaceState(history.state, '', here)
  }

  /** When the page goes away; while a figure is played, every frame would write. */
  const keep = (): void => {
    if (!url && session.value !== null) sessionStorage.setItem(keptAs, session.value.address)
  }

  let starting: Promise<void> | undefined
  const start = (): Promise<void> => {
    if (starting === undefined || status.value === 'failed') starting = load()
    return starting
  }
  const load = async (): Promise<void> => {
    status.value = 'loading'
    try {
      const [{ LabSession: Session }, loaded] = await Promise.all([
        import('./engine.ts'),
        options.load(),
      ])
      const address = url
        ? (new URL(location.href).searchParams.get(name) ?? '')
        : (sessionStorage.getItem(keptAs) ?? '')
      const opened = await Session.open(loaded, address)
      if (gone) return
      opened.player.speed = speed.value
      scenario.value = loaded
      session.value = opened
      status.value = 'ready'
      refresh()
    } catch (cause) {
      status.value = 'failed'
      error.value = cause instanceof Error ? cause.message : String(cause)
    }
  }

  /** What the reader does is made by the session; a failure is shown, not thrown. */
  const doing = async (work: (now: LabSession) => Promise<void>): Promise<void> => {
    const now = session.value
    if (now === null) return
    busy.value = true
    try {
      await work(now)
      settle()
    } catch (cause) {
      now.player.pause()
      status.value = 'failed'
      error.value = cause instanceof Error ? cause.message : String(cause)
    } finally {
      busy.value = false
    }
  }
  const now = (work: (now: LabSession) => void): void => {
    if (session.value === null) return
    work(session.value)
    settle()
  }

  const mounted = new Promise<void>((resolve) => {
    onMounted(() => {
      addEventListener('pagehide', keep)
      resolve()
    })
  })
  const observe = (element: Element): void => {
    void mounted.then(() => {
      observer = new IntersectionObserver(
        (entries) => {
          if (!entries.some((entry) => entry.isIntersecting)) return
          observer?.disconnect()
          void start()
        },
        { rootMargin: AHEAD },
      )
      observer.observe(element)
    })
  }
  onBeforeUnmount(() => {
    gone = true
    keep()
    removeEventListener('pagehide', keep)
    observer?.disconnect()
    cancelAnimationFrame(frame)
  })

  const play = (): void => now((s) => s.player.play())
  const pause = (): void => now((s) => s.player.pause())
  return {
    name,
    status,
    error,
    scenario,
    settings,
    scene,
    recording,
    clockMs,
    story,
    position,
    playing,
    speed,
    detail,
    busy,
    spoke: computed(() => story.value[position.value] ?? null),
    atEnd: computed(() => position.value >= story.value.length - 1),
    forks: computed(() =>
      (session.value?.forks ?? []).map((fork) => ({
        ...fork,
        position: story.value.findLastIndex((line) => line.atMs <= fork.atMs),
      })),
    ),
    actions: computed(() => session.value?.actions ?? []),
    start,
    observe,
    play,
    pause,
    toggle: () => (playing.value ? pause() : play()),
    step: (by) =>
      now((s) => {
        s.player.pause()
        s.seek(s.player.position + by)
      }),
    stepPoll: () =>
      doing(async (s) => {
        s.player.pause()
        await s.stepPoll()
      }),
    seek: (to) => now((s) => s.seek(to)),
    restart: () =>
      now((s) => {
        s.player.pause()
        s.seek(-1)
      }),
    reset: () => doing((s) => s.reset()),
    setSpeed: (to) =>
      now((s) => {
        s.player.speed = to
        speed.value = to
      }),
    setDetail: (to) => now((s) => s.setDetail(to)),
    setSetting: (setting, value) => doing((s) => s.setSetting(setting, value)),
    act: (hand, value) => doing((s) => s.act(hand, value)),
  }
}
