/**
 * `::: notes`: claims of the study notes, and what the tests say of them.
 *
 *     ::: notes                     those of the chapter that the page is; what stands inside
 *                                   follows as commentary
 *     ::: notes group Storage       those below one heading of the notes
 *     ::: notes counts              how many have which verdict
 *
 * I1  Nothing of it is written by hand: the words are the claims' file and the tests'.
 */

import {
  type CheckedClaim,
  CLAIMS_FILE,
  checkedClaims,
  claimsOfChapter,
  filesWithVerdicts,
} from '../../../scripts/book/notes.ts'
import { VERDICTS } from '../../../test/support/notes.ts'
import { CHAPTERS, chapterUrl } from '../book.ts'
import { type Block, type BlockRenderer, html, inside, pageFile } from './block.ts'
import { escapeHtml } from './highlight.ts'

const ROOT = new URL('../../..', import.meta.url).pathname

export const notesBlock: BlockRenderer = (block) => {
  const { env, info, where } = block
  for (const file of [CLAIMS_FILE, ...filesWithVerdicts()]) env.includes?.push(ROOT + file)
  const all = checkedClaims()
  const [what, ...rest] = info.split(' ')
  if (info === 'counts') return html(block, countsHtml(all))
  if (what === 'group')
    return html(block, listHtml(block, groupOf(all, rest.join(' '), where), null))
  if (info !== '') throw new Error(`${where}: notes of what? 'group …', 'counts', or nothing`)
  const chapter = /\/chapters\/(\d\d)-/.exec(pageFile(block))
  if (chapter === null) throw new Error(`${where}: this page is no chapter, which notes are meant?`)
  const number = Number(chapter[1])
  html(block, listHtml(block, claimsOfChapter(all, number), number))
  inside(block)
}

const groupOf = (all: readonly CheckedClaim[], group: string, where: string): CheckedClaim[] => {
  const found = all.filter((claim) => claim.group === group)
  if (found.length === 0) throw new Error(`${where}: the notes have no group '${group}'`)
  return found
}

/** @param chapter the chapter whose page it is; `null` on the page of all notes */
const listHtml = (
  block: Block,
  claims: readonly CheckedClaim[],
  chapter: number | null,
): string => {
  const items = claims.map((claim) => claimHtml(block, claim, chapter))
  return `<ul class="verdicts" role="list">\n${items.join('\n')}\n</ul>\n`
}

const claimHtml = (block: Block, claim: CheckedClaim, chapter: number | null): string => {
  const { id, given, verdict } = claim
  const inline = (text: string): string =>
    vueSafe(block.state.md.renderInline(text, block.state.env))
  const anchor = id.toLowerCase()
  const name = chapter === null ? id : `<a href="/reference/notes#${anchor}">${id}</a>`
  const reasons = [...new Set(given.map(({ because }) => because))].map((because) => {
    const tests = given
      .filter((one) => one.because === because)
      .map(({ path, line, test }) => {
        return `<li><SourceLink path="${path}" :line="${line}">${inline(test)}</SourceLink></li>`
      })
    const why = because === null ? '' : `<p>${inline(sentence(because))}</p>`
    return `${why}<ul aria-label="Tests that show it">${tests.join('')}</ul>`
  })
  return [
    `<li id="${anchor}" class="claim">`,
    `<p><b class="id">${name}</b> <em>${inline(claim.claim)}</em></p>`,
    `<p class="facts">${verdictHtml(verdict)}${placeHtml(claim, chapter)}</p>`,
    ...reasons,
    '</li>',
  ].join('')
}

const verdictHtml = (verdict: CheckedClaim['verdict']): string =>
  `<strong class="verdict ${verdict.replaceAll(' ', '-')}">${capital(verdict)}</strong>`

/** The chapters where it belongs; on a chapter's own page, the others. */
const placeHtml = (claim: CheckedClaim, chapter: number | null): string => {
  const places = claim.chapters
    .filter((number) => number !== chapter)
    .map((number) => {
      const { title, written, slug } = CHAPTERS[number]!
      const text = escapeHtml(`${number}, ${title}`)
      return written ? `<a href="${chapterUrl({ slug })}">${text}</a>` : text
    })
  if (places.length === 0) return ''
  const [word, also] = [
    places.length === 1 ? 'chapter' : 'chapters',
    chapter === null ? '' : 'also ',
  ]
  return ` · ${also}${word} ${places.join(' · ')}`
}

const countsHtml = (all: readonly CheckedClaim[]): string => {
  const terms = [...VERDICTS, 'owed' as const].flatMap((verdict) => {
    const count = all.filter((claim) => claim.verdict === verdict).length
    if (count === 0) return []
    return [`<div><dt>${verdictHtml(verdict)}</dt><dd>${count}</dd></div>`]
  })
  return `<dl class="verdict-counts">${terms.join('')}</dl>\n`
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** A reason is written without a full stop; on the page it is a sentence. */
const sentence = (text: string): string => {
  const begun = /^[a-z]+(?=[ ,])/.test(text) ? capital(text) : text
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}

/** Two braces in words are words; Vue would compute what is between them. */
const vueSafe = (text: string): string => text.replaceAll('{{', '&#123;&#123;')
