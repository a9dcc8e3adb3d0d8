// Preloaded into a chapter's demo (`node --import …/standAt.mjs scripts/book/tour/demo.ts 6`): writes `debugger;` before the
// line of each of the tour's stops, so that a debugger that is attached stops there, with no breakpoint set by hand.
//
//     const buffer = …      ──►      if (stand(3, () => (record.topic === "a"))) debugger;const buffer = …
//
// The line numbers stay those of the file. Without a debugger nothing stops, and the demo tells its story.
import { register } from 'node:module'
import { standingPlaces } from './stand.ts'

const places = await standingPlaces(process.argv[2] ?? '')
register('./standHooks.mjs', import.meta.url, { data: places })
