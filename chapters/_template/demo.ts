/**
 * The chapter in the terminal: its story, told by the real code on virtual time. Nothing here
 * states a time or an outcome; all of it is read from what was recorded.
 */

import { Recorder } from '../../lab/Recorder.ts'
import { plain, tellAll } from '../../lab/story.ts'
import { lab } from './lab.ts'

export const demo = async (write: (text: string) => void): Promise<void> => {
  const { recording } = await Recorder.start(lab)
  for (const { atMs, source, name, text } of tellAll(recording)) {
    if (name.startsWith('app.')) write(`${atMs} ms  ${source}: ${plain(text)}\n`)
  }
}
