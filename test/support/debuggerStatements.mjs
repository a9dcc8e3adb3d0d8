// Preloaded into a program under test: stands in for an editor that is attached to it. Prints where the program stopped by
// itself, at a `debugger` statement, and lets it go on.
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { Session } from 'node:inspector'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { execArgv: [] })
  await once(worker, 'message')
  worker.unref()
} else if (parentPort !== null) {
  parentPort.ref()
  parentPort.on('message', () => {})
  const session = new Session()
  const urls = new Map()
  session.connectToMainThread()
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  session.on('Debugger.paused', ({ params }) => {
    const { functionName, location } = params.callFrames[0]
    const stop = { functionName, line: location.lineNumber + 1, url: urls.get(location.scriptId) }
    writeSync(2, `stopped ${JSON.stringify(stop)}\n`)
    session.post('Debugger.resume')
  })
  session.post('Debugger.enable', () => parentPort.postMessage('ready'))
}
