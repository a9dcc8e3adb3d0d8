/**
 * The debugger of a tour: a thread beside the demo that speaks to V8's inspector.
 *
 * It sets the breakpoint of one stop at a time. When the program stands there it reads the watched
 * expressions and the call stack, sets the next breakpoint and lets the program go on.
 *
 * I1  A stop is looked for only after the one before.
 * I2  An expression that does not end is ended after `EVALUATION_MS`.
 */

import { writeFileSync } from 'node:fs'
import { type Debugger, Session } from 'node:inspector'
import { parentPort, workerData } from 'node:worker_threads'
import { GATE, type Job, type Message, type SeenFrame, type SeenStop } from './protocol.ts'

const EVALUATION_MS = 5_000
/** Turns of the event loop that a stack is followed back over. */
const ASYNC_DEPTH = 32
const ROOT = new URL('../../../', import.meta.url).href
const OURS = /^(src|lab|chapters)\//

const { stops } = workerData as Job
const gate = `globalThis[Symbol.for(${JSON.stringify(GATE)})]`
const seen: SeenStop[] = []
const session = new Session()
session.connectToMainThread()

const say = (message: Message): void => writeFileSync(3, `${JSON.stringify(message)}\n`)

const post = <T>(method: string, params: object = {}): Promise<T> =>
  new Promise((resolve, reject) => {
    session.post(method, params, (error, result) =>
      error === null ? resolve(result as T) : reject(error),
    )
  })

/** A paused frame names its script by a number alone. */
const urls = new Map<string, string>()

/** Of the stop that is looked for. */
let breakpoint = ''

const lookFor = async (index: number): Promise<void> => {
  const stop = stops[index]
  if (stop === undefined) return
  const when = stop.when === null ? 'null' : `() => (${stop.when}\n)`
  const { breakpointId } = await post<Debugger.SetBreakpointByUrlReturnType>(
    'Debugger.setBreakpointByUrl',
    {
      urlRegex: `^${literally(ROOT + stop.path)}$`,
      lineNumber: stop.line - 1,
      columnNumber: stop.column - 1,
      condition: `${gate}.pass(${index}, ${when})`,
    },
  )
  breakpoint = breakpointId
}

const literally = (text: string): string => text.replace(/[$.*+?^(){}|[\]\\/]/g, '\\$&')

const evaluate = async (callFrameId: string, expression: string) => {
  const params = { callFrameId, expression, returnByValue: true, timeout: EVALUATION_MS }
  const { result, exceptionDetails } = await post<Debugger.EvaluateOnCallFrameReturnType>(
    'Debugger.evaluateOnCallFrame',
    params,
  )
  if (exceptionDetails === undefined) return { text: String(result.value), failed: false }
  const error = exceptionDetails.exception?.description ?? exceptionDetails.text
  return { text: error.split('\n')[0] ?? '', failed: true }
}

const frameOf = (
  url: string,
  { lineNumber, columnNumber = 0 }: Pick<Debugger.Location, 'lineNumber' | 'columnNumber'>,
  earlier: boolean,
): SeenFrame[] => {
  const path = url.startsWith(ROOT) ? url.slice(ROOT.length) : ''
  if (!OURS.test(path)) return []
  return [{ path, line: lineNumber + 1, column: columnNumber + 1, earlier }]
}

const framesOf = ({ callFrames, asyncStackTrace }: Debugger.PausedEventDataType): SeenFrame[] => {
  const frames = callFrames.flatMap(({ location }) =>
    frameOf(urls.get(location.scriptId) ?? '', location, false),
  )
  for (let turn = asyncStackTrace; turn !== undefined; turn = turn.parent) {
    frames.push(...turn.callFrames.flatMap((frame) => frameOf(frame.url, frame, true)))
  }
  return frames
}

const look = async (paused: Debugger.PausedEventDataType): Promise<void> => {
  const frame = paused.callFrames[0]?.callFrameId ?? ''
  const trouble = await evaluate(frame, `${gate}.trouble()`)
  if (trouble.text !== '') {
    say({ kind: 'condition', stop: seen.length, error: trouble.text })
    return
  }
  const values = []
  for (const expression of stops[seen.length]?.watch ?? []) {
    values.push(await evaluate(frame, `${gate}.show((${expression}\n))`))
  }
  const output = (await evaluate(frame, `${gate}.told()`)).text
  seen.push({ values, frames: framesOf(paused), printed: output.length })
  if (seen.length === stops.length) {
    say({ kind: 'walked', stops: seen, output })
    return
  }
  await post('Debugger.removeBreakpoint', { breakpointId: breakpoint })
  await lookFor(seen.length)
  await post('Debugger.resume')
}

const fail = (error: unknown): void =>
  say({
    kind: 'failed',
    error: `the debugger: ${(error as Error)?.message ?? JSON.stringify(error)}`,
  })

// The thread lives as long as the demo does.
parentPort?.on('message', () => undefined)
session.on('Debugger.paused', ({ params }) => {
  look(params).catch(fail)
})
session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => {
  urls.set(scriptId, url)
})
try {
  await post('Debugger.enable')
  await post('Debugger.setAsyncCallStackDepth', { maxDepth: ASYNC_DEPTH })
  await lookFor(0)
  parentPort?.postMessage('ready')
} catch (error) {
  fail(error)
}
