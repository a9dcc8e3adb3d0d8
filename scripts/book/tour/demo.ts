/**
 * Runs a chapter's demo as a program: what the entries of `.vscode/launch.json` start.
 *
 *     node --import ts-blank-space/register scripts/book/tour/demo.ts 6
 *
 * Not `npm run chapter`, which runs under tsx: a debugger needs the lines of the files.
 */

import { pathToFileURL } from 'node:url'
import { chapterNumbered } from '../chapters.ts'

const name = process.argv[2] ?? ''
const chapter = chapterNumbered(name)
if (chapter === undefined) throw new Error(`There is no chapter '${name}'.`)
const { demo } = await import(pathToFileURL(`${chapter.dir}/demo.ts`).href)
await demo((text: string) => process.stdout.write(text))
