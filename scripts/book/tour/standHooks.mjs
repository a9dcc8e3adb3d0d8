// The loader behind standAt.mjs, in the thread of Node's module hooks. `places`: what to write, by the module's address.
let places = {}

export const initialize = (data) => {
  places = data
}

export const load = async (url, context, nextLoad) => {
  const result = await nextLoad(url, context)
  const insertions = places[url]
  if (insertions === undefined) return result
  // Types are blanked, not cut out: an offset into the file is an offset into what runs.
  let source = result.source.toString()
  for (const { offset, text } of insertions)
    source = source.slice(0, offset) + text + source.slice(offset)
  return { ...result, source }
}
