/**
 * The Sender's loop as its producer sees it: started once, and brought to its end within a time.
 *
 *     close(timeoutMs) ─► those that wait come first ─► initiateClose ─► the loop ends by itself
 *                          │ the time is over, or there was none
 *                          └─► forceClose: what has no outcome yet fails
 *
 * I1  When `close` resolves, the loop has ended.
 *
 * @kafka org.apache.kafka.clients.producer.internals.Sender.SenderThread
 * @kafka org.apache.kafka.clients.producer.KafkaProducer
 * @simplified a loop of the event loop in the place of a thread; `close` is that part of
 *   `KafkaProducer.close` which joins it.
 */

import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import { joinWithin } from './joinWithin.ts'
import type { Sender } from './Sender.ts'
import type { WaitingRoom } from './WaitingRoom.ts'

export class SenderLoop {
  private readonly sender: Sender
  private readonly time: Time
  private readonly logger: Logger
  private readonly running: Promise<void>
  private ended = false

  /** Starts at once. */
  constructor(sender: Sender, time: Time, logger: Logger) {
    this.sender = sender
    this.time = time
    this.logger = logger
    this.running = sender.run().then(() => {
      this.ended = true
    })
  }

  /** @param timeoutMs 0: whatever has no outcome yet fails at once */
  async close(
    timeoutMs: number,
    waitingRoom: Pick<WaitingRoom<never, never>, 'whenServed'>,
  ): Promise<void> {
    const { sender, time } = this
    if (timeoutMs > 0) {
      const timer = time.timer(timeoutMs)
      // Sends that wait were accepted before: they come first.
      sender.wakeup()
      await joinWithin(time, timer, waitingRoom.whenServed())
      sender.initiateClose()
      await joinWithin(time, timer, this.running)
    }
    if (!this.ended) {
      this.logger.info(`Closing by force: requests are pending after ${timeoutMs} ms.`)
      sender.forceClose()
      await this.running
    }
    // The end of the loop released those that waited; interceptors hear how they failed.
    await waitingRoom.whenServed()
  }

  toString(): string {
    return `SenderLoop(${this.ended ? 'ended' : 'running'})`
  }
}
