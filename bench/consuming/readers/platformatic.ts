/**
 * @platformatic/kafka: the stream of its consumer. It does not check CRCs.
 *
 * It comes from a folder of its own (`peers.ts`); what is used of it is typed here.
 */

import { pathToFileURL } from 'node:url'
import type { ReadAll } from './OpenReader.ts'

interface Stream extends AsyncIterable<{ readonly value: Buffer }>, NodeJS.EventEmitter {
  close(): Promise<void>
}

interface Consumer {
  consume(options: Record<string, unknown>): Promise<Stream>
  close(force: boolean): Promise<void>
}

interface Module {
  readonly Consumer: new (options: Record<string, unknown>) => Consumer
}

export const platformaticStream: ReadAll = async (setting, tally) => {
  const { bootstrap, topic, group, modulePath } = setting
  if (modulePath === null) throw new Error('@platformatic/kafka: nobody said where it is')
  const { Consumer } = (await import(pathToFileURL(modulePath).href)) as Module
  const consumer = new Consumer({
    groupId: group,
    clientId: 'bench',
    bootstrapBrokers: [bootstrap],
  })
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false })
  await new Promise<void>((resolve, reject) => {
    stream.on('error', reject)
    // Quicker than iterating: no promise for each message.
    stream.on('data', ({ value }: { value: Buffer }) => {
      if (tally.take(value)) resolve()
    })
  })
  await consumer.close(true)
}
