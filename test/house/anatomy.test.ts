/** A chapter that is declared finished has every part of the anatomy; others are left in peace. */

import { describe, expect, test } from 'vitest'
import { type ChapterParts, HEADINGS, missingIn, partsOf } from '../../scripts/book/anatomy.ts'
import { bookChapters } from '../../scripts/book/chapters.ts'
import { checkedClaims } from '../../scripts/book/notes.ts'
import { blocksOn, headingsOf, sectionOf, wordsIn } from '../../scripts/book/pageParts.ts'

const words = (count: number): string => Array.from({ length: count }, () => 'word').join(' ')

const SECTIONS: Readonly<Record<string, string>> = {
  'Where we are': '<WayMap :chapter="9" compact />',
  'Predict first': '::: predict How many?\nGuess.\n:::',
  'The story': `${words(1500)}\n\n::: listing Sender.runOnce\n:::`,
  'The lab': '<SenderLab />\n\n::: output demo.out\n:::\n\nnpm run chapter 9',
  'The tour': '::: tour\n:::',
  'The notes, checked': '::: notes\n:::',
  'In the real Kafka': '::: kafka\nKept.\n:::',
  'Try it': [
    ...[1, 2, 3].map((n) => `:::: exercise ${n}\n::: hint\nLook.\n:::\n::::`),
    '::: breakit\n:::',
    'npm test -- chapters/09',
  ].join('\n\n'),
  'Check yourself': [1, 2, 3, 4, 5, 6, 7, 8]
    .map((n) => `::: answer ${n}. Why?\nSo.\n:::`)
    .join('\n\n'),
  Summary: '- **I1** It holds.',
}

const page = (sections: Readonly<Record<string, string>>): string => {
  const shown = HEADINGS.filter((heading) => !heading.startsWith('('))
  return `---\ntitle: T\n---\n# T\n\n${shown
    .map((heading) => `## ${heading}\n\n${sections[heading] ?? 'Text.'}\n`)
    .join('\n')}`
}

const whole: ChapterParts = {
  number: 9,
  folder: '09-the-sender',
  markdown: page(SECTIONS),
  home: ['src/producer/internals/Sender.ts'],
  files: ['demo.ts', 'demo.out', 'tour.ts', 'tour.json', 'break-it.ts', 'lab.ts'],
  labs: ['SenderLab'],
  tests: ['a', 'b', 'c', 'd', 'e'].map((name) => `${name} sends what is ready`),
  exercises: [1, 2, 3].map((number) => ({ number, hints: 3 })),
  breakIts: 3,
  owedNotes: [],
  notes: 2,
  linesOf: () => 20,
}

const without = (heading: string, text = 'Text.'): ChapterParts => ({
  ...whole,
  markdown: page({ ...SECTIONS, [heading]: text }),
})

describe('finished chapters', () => {
  const claims = checkedClaims()

  test('have every part', () => {
    const missing = bookChapters()
      .filter(({ finished }) => finished)
      .flatMap((chapter) =>
        missingIn(partsOf(chapter, claims)).map((part) => `${chapter.folder}: ${part}`),
      )
    expect(missing).toEqual([])
  })
})

describe('the anatomy', () => {
  test('asks nothing more of a chapter that is whole', () => {
    expect(missingIn(whole)).toEqual([])
  })

  test.each([
    ['the map', without('Where we are'), ["the map of the way, <WayMap>, below 'Where we are'"]],
    [
      'the prediction',
      without('Predict first'),
      ["one '::: predict' below 'Predict first'; there are 0"],
    ],
    ['the tour', without('The tour'), ["one '::: tour' below 'The tour'; there are 0"]],
    [
      'an invariant',
      without('Summary'),
      ["the invariants in the summary, numbered as in the source ('I1')"],
    ],
    [
      'a question',
      without('Check yourself', '::: answer 1. Why?\nSo.\n:::'),
      ["eight questions '::: answer 1. …' to 8 below 'Check yourself'; there are 1"],
    ],
    [
      'the recording',
      { ...whole, files: whole.files.filter((name) => name !== 'tour.json') },
      ['tour.json (npm run update)'],
    ],
    [
      'a verdict',
      { ...whole, owedNotes: ['N35'] },
      ['a verdict on N35, which belongs to this chapter'],
    ],
    [
      'a lab of that name',
      { ...whole, labs: [] },
      ['the component SenderLab.vue in docs/.vitepress/theme/lab/'],
    ],
    [
      'tests',
      { ...whole, tests: ['works'] },
      ['5 to 25 tests; there are 1', "a sentence as the name of the test 'works'"],
    ],
    [
      'a third hint',
      { ...whole, exercises: [...whole.exercises.slice(1), { number: 1, hints: 2 }] },
      ['exactly three hints for exercise 1, not 2'],
    ],
    [
      'its exercise',
      { ...whole, exercises: [...whole.exercises, { number: 4, hints: 3 }] },
      ["'::: exercise 4' on the page"],
    ],
    [
      'measure',
      { ...whole, linesOf: () => 401 },
      ['at most 400 lines of listings in the story; there are 401'],
    ],
  ] as const)('misses %s', (_, parts, missing) => {
    expect(missingIn(parts)).toEqual(missing)
  })

  test('says all that is missing at once', () => {
    const empty = { ...whole, markdown: '# T\n', files: [], home: [], tests: [], exercises: [] }
    const missing = missingIn({ ...empty, breakIts: 0 })
    expect(missing.length).toBeGreaterThan(25)
    for (const part of ['demo.ts', "the heading '## Summary'", 'a listing in the story']) {
      expect(missing).toContain(part)
    }
  })

  test('names a listing that cannot be found beside what else is missing', () => {
    const linesOf = (): number => {
      throw new Error('no such symbol')
    }
    expect(missingIn({ ...whole, linesOf, breakIts: 2 })).toEqual([
      'at least 3 mutations in break-it.ts; there are 2',
      "what 'listing Sender.runOnce' names: no such symbol",
    ])
  })

  test('wants its headings in order, and no others', () => {
    const swapped = whole.markdown
      .replace('## The tour', '## Extra')
      .replace('## The lab', '## The tour')
      .replace('## The story', '## The lab')
      .replace('## Extra', '## The story')
    expect(missingIn({ ...whole, markdown: swapped }).join('\n')).toContain('the headings in order')
    const more = whole.markdown.replace('## Summary', '## More\n\n## Summary')
    expect(missingIn({ ...whole, markdown: more })).toEqual([
      "no place for '## More': it is none of the anatomy's headings",
    ])
  })

  test('lets a chapter say how to run it, between tour and notes', () => {
    const told = whole.markdown.replace(
      '## The notes, checked',
      '## Run it yourself\n\nText.\n\n## The notes, checked',
    )
    expect(missingIn({ ...whole, markdown: told })).toEqual([])
  })
})

describe('a page', () => {
  test('has neither headings nor blocks in its code', () => {
    const text = '## One\n\n```md\n## Two\n::: tour\n```\n\n::: note\nHere.\n:::\n'
    expect(headingsOf(text)).toEqual(['One'])
    expect(blocksOn(text)).toEqual([{ name: 'note', info: '' }])
    expect(sectionOf(text, 'Two')).toBe('')
  })

  test('is as long as what is read of it', () => {
    const text = [
      '---\ntitle: Not this\n---',
      'Two words. [Three](./not-this.md) <Fig no="yes" /> – `code` counts.',
      '::: listing Not.this\n:::',
      '```ts\nnotThis()\n```',
      '::: answer 1. Why two?\nSo.\n:::',
    ].join('\n\n')
    expect(wordsIn(text)).toBe(9)
  })
})
