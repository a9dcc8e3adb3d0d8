/**
 * What a reader can do: `::: exercise 1` with `::: hint` inside, and `::: breakit`.
 *
 *     title · what to do · the file and the command · hints, one by one · an answer
 *     each way to break it, folded: the change, the tests that notice, what that shows
 *
 * Titles, files and answers are those of the chapter's folder; which tests notice stands in
 * `break-it.json`, made by a run (`npm run update`).
 *
 * I1  An exercise or a list that is not there fails the build, with the page and the line.
 * I2  What gives an answer away is folded.
 */

import { existsSync, readFileSync } from 'node:fs'
import { type BookChapter, chapterNumbered, ROOT } from '../../../scripts/book/chapters.ts'
import type { BreakIt } from '../../../scripts/book/try/BreakIt.ts'
import { type Change, change } from '../../../scripts/book/try/change.ts'
import {
  breakItsOf,
  type ExerciseFile,
  exercisesOf,
} from '../../../scripts/book/try/definitions.ts'
import type { Noticed } from '../../../scripts/book/try/generated.ts'
import { answerOf } from '../../../scripts/book/try/literal.ts'
import { type Block, type BlockRenderer, html, inside, markdown, pageFile } from './block.ts'
import { escapeHtml, highlightLines } from './highlight.ts'

/** Of the exercise that is being written out: what comes before its first hint. */
const open = new WeakMap<object, { hints: number; beforeHints: (() => void) | null }>()

export const exerciseBlock: BlockRenderer = (block) => {
  const chapter = chapterOf(block)
  const exercise = exercisesOf(chapter).find(({ number }) => number === Number(block.info))
  if (exercise === undefined) {
    throw new Error(`${block.where}: chapter ${chapter.number} has no exercise '${block.info}'`)
  }
  for (const path of [exercise.file, exercise.answer]) block.env.includes?.push(ROOT + path)
  html(block, `<section class="try" id="exercise-${exercise.number}">\n`)
  html(block, `<p class="label">Exercise ${exercise.number}</p>\n`)
  html(block, `<p class="try-title">${escapeHtml(exercise.title)}</p>\n`)
  const state = { hints: 0, beforeHints: () => fileAndCommand(block, chapter, exercise) }
  open.set(block.env, state)
  inside(block)
  finishHead(block)
  open.delete(block.env)
  answer(block, exercise)
  html(block, '</section>\n')
}

export const hintBlock: BlockRenderer = (block) => {
  const state = open.get(block.env)
  if (state === undefined) {
    throw new Error(
      `${block.where}: a hint stands inside an exercise, whose fences have one colon more`,
    )
  }
  finishHead(block)
  state.hints += 1
  html(block, `<details class="answer"><summary>Hint ${state.hints}</summary>`)
  html(block, '<div class="answer-text">\n')
  inside(block)
  html(block, '</div></details>\n')
}

const finishHead = ({ env }: Block): void => {
  const state = open.get(env)
  state?.beforeHints?.()
  if (state !== undefined) state.beforeHints = null
}

const fileAndCommand = (block: Block, chapter: BookChapter, exercise: ExerciseFile): void => {
  const { file, number, symbol, module } = exercise
  html(
    block,
    '<p class="try-file">Your file: <SourceLink ' +
      `path="${file}">${breakable(file)}</SourceLink><br>` +
      `It stands in for: <code>${symbol}</code> of ` +
      `<SourceLink path="${module}">${breakable(module)}</SourceLink></p>\n`,
  )
  markdown(block, `\`\`\`sh\nnpm run exercise ${chapter.number}/${number}\n\`\`\``)
}

/** A path may go on in the next line behind a slash. */
const breakable = (path: string): string => path.replaceAll('/', '/<wbr>')

const answer = (block: Block, { answer: path }: ExerciseFile): void => {
  const { said, firstLine, code } = answerOf(readFileSync(ROOT + path, 'utf8'), path)
  html(block, '<details class="answer"><summary>An answer</summary><div class="answer-text">\n')
  markdown(block, said)
  html(
    block,
    `<figure class="listing"><figcaption><SourceLink path="${path}" :line="${firstLine}">` +
      `${breakable(path)}</SourceLink></figcaption>`,
  )
  const lines = highlightLines(code)
    .map((line, at) => `<span class="ln"><i>${firstLine + at}</i>${line}\n</span>`)
    .join('')
  html(
    block,
    `<pre class="code" tabindex="0" role="group" aria-label="${path}" v-pre>` +
      `<code>${lines}</code></pre></figure>\n</div></details>\n`,
  )
}

export const breakItBlock: BlockRenderer = (block) => {
  const chapter = chapterOf(block)
  const breakIts = breakItsOf(chapter)
  if (breakIts.length === 0) {
    throw new Error(`${block.where}: there is no break-it.ts in chapters/${chapter.folder}`)
  }
  const noticed = noticedIn(block, chapter)
  html(block, '<section class="try" id="break-it">\n<p class="label">Break it</p>\n')
  inside(block)
  const commands = [`npm run break-it ${chapter.number} ${breakIts[0]!.name}`]
  commands.push(`npm run break-it ${chapter.number} all`)
  markdown(block, `\`\`\`sh\n${commands.join('\n')}\n\`\`\``)
  for (const breakIt of breakIts) {
    block.env.includes?.push(ROOT + breakIt.file)
    const about = block.state.md.renderInline(breakIt.breaks, block.state.env)
    html(
      block,
      `<details class="answer breakit"><summary><code>${breakIt.name}</code> ${about}</summary>` +
        `<div class="answer-text">${changeHtml(breakIt)}\n`,
    )
    const tests = noticed[breakIt.name] ?? []
    if (tests.length > 0) html(block, noticedHtml(tests))
    markdown(block, `**What it shows.** ${breakIt.learn}`)
    html(block, '</div></details>\n')
  }
  html(block, '</section>\n')
}

const noticedIn = (block: Block, { folder }: BookChapter): Readonly<Record<string, Noticed[]>> => {
  const path = `${ROOT}chapters/${folder}/break-it.json`
  block.env.includes?.push(`${ROOT}chapters/${folder}/break-it.ts`)
  if (!existsSync(path)) return {}
  block.env.includes?.push(path)
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, Noticed[]>
}

const changeHtml = (breakIt: BreakIt): string => {
  const shown: Change = change(readFileSync(ROOT + breakIt.file, 'utf8'), breakIt)
  const side = (kind: 'del' | 'ins', lines: readonly string[]): string =>
    highlightLines(lines.join('\n'))
      .map((line, at) => {
        const number = kind === 'del' ? String(shown.line + at) : ''
        return `<${kind} class="ln"><i>${number}</i>${line}\n</${kind}>`
      })
      .join('')
  return (
    `<figure class="listing"><figcaption><SourceLink path="${breakIt.file}" ` +
    `:line="${shown.line}">${breakable(breakIt.file)}:${shown.line}</SourceLink></figcaption>` +
    `<pre class="code" tabindex="0" role="group" aria-label="The change in ${breakIt.file}" ` +
    'v-pre>' +
    `<code>${side('del', shown.before)}${side('ins', shown.after)}</code></pre></figure>`
  )
}

/** The tests by name; of the first it is told how it failed. */
const noticedHtml = (tests: readonly Noticed[]): string => {
  const items = tests.map(({ test, words }) => {
    const how =
      words.length === 0
        ? ''
        : `<pre class="output" v-pre>${words.map(escapeHtml).join('\n')}</pre>`
    return `<li>${escapeHtml(test)}${how}</li>`
  })
  const who = tests.length === 1 ? 'One test notices' : `${tests.length} tests notice`
  return `<p>${who}:</p>\n<ul v-pre>${items.join('')}</ul>\n`
}

const chapterOf = (block: Block): BookChapter => {
  const folder = /\/chapters\/([^/]+)\/index\.md$/.exec(pageFile(block))?.[1]
  const chapter = chapterNumbered(folder ?? '')
  if (chapter === undefined) {
    throw new Error(`${block.where}: '::: ${block.name}' stands on the page of a chapter`)
  }
  return chapter
}
