// Preloaded into a program under test (`node --import …/breakpoint.mjs`): sets one breakpoint by file and line, as an editor
// does, and prints where the program stopped. The debugger is a worker of the same process, through V8's inspector.
//
//     BREAKPOINT='{"file":"src/producer/KafkaProducer.ts","line":120}'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { Session } from 'node:inspector'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

const wanted = JSON.parse(process.env.BREAKPOINT)

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url))
  await once(worker, 'message')
  worker.unref()
} else if (parentPort !== null) {
  // The debugger stays as long as the program does, which does not wait for it.
  parentPort.ref()
  parentPort.on('message', () => {})
  const session = new Session()
  session.connectToMainThread()
  session.on('Debugger.paused', ({ params }) => {
    const { functionName, location, url } = params.callFrames[0]
    const stop = { functionName, line: location.lineNumber + 1, url }
    writeSync(2, `stopped ${JSON.stringify(stop)}\n`)
    session.post('Debugger.resume')
  })
  session.post('Debugger.enable', () => {
    const urlRegex = `${wanted.file.replaceAll('.', '\\.')}$`
    const place = { urlRegex, lineNumber: wanted.line - 1 }
    session.post('Debugger.setBreakpointByUrl', place, () => parentPort.postMessage('ready'))
  })
}
