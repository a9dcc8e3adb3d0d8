/**
 * What a page asks for when it names a listing.
 *
 *     RecordAccumulator.append                            all of it, doc comment first
 *     Sender.runOnce lines "const nowMs … poll("          from the line with the one to the line
 *                                                         with the other
 */

export interface Listing {
  /** `Class`, `Class.member`, a function, a type, `File#head`, `File#symbol`. */
  readonly name: string
  readonly from: string | null
  readonly to: string | null
}

export const parseListing = (text: string, where: string): Listing => {
  const match = /^(\S+)(?:\s+lines\s+"(.*)")?\s*$/.exec(text.trim())
  if (match === null) {
    throw new Error(
      `${where}: a listing is 'Symbol' or 'Symbol lines "first … last"', not '${text}'`,
    )
  }
  const [, name = '', words] = match
  if (words === undefined) return { name, from: null, to: null }
  const [from = '', to = from] = words.split('…').map((part) => part.trim())
  if (from === '' || to === '') throw new Error(`${where}: lines "${words}" names an empty text`)
  return { name, from, to }
}

/** `File#symbol` without its file; of a head comment, all of it. */
export const symbolOf = (name: string): string =>
  name.endsWith('#head') ? name : name.slice(name.indexOf('#') + 1)
