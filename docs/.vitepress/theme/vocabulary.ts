/**
 * The visual vocabulary: the seven things that every picture of this book is made of, each with
 * one shape and one colour, and the colours of the paper they are drawn on.
 *
 *     record  dog-eared slip        partition  round-nosed lane
 *     batch   bracket               broker     gabled house
 *     buffer  hatched bar           clock      dial
 *     request envelope
 *
 * I1  A noun has the same shape and the same colour in prose, figures, maps and labs.
 * I2  The shape alone tells the noun: nobody has to see the colour.
 * I3  Text in any of these colours has a contrast of at least 4.5:1 on `paper`, on `leaf`, on
 *     `lit` and on the tints, in both themes (test/site/vocabulary.test.ts measures it).
 */

export const NOUNS = [
  'record',
  'batch',
  'buffer',
  'request',
  'partition',
  'broker',
  'clock',
] as const
export type Noun = (typeof NOUNS)[number]

export interface Shade {
  readonly light: string
  readonly dark: string
}

export interface Word {
  readonly noun: Noun
  readonly one: string
  readonly many: string
  /** One line. */
  readonly meaning: string
  readonly colour: Shade
  /** The outline, tinted, in a box of 16 by 16. */
  readonly glyph: string
  /** Strokes upon the outline, never filled; may be empty. */
  readonly strokes: string
  /** Where its ink begins and ends in the box, from left to right. */
  readonly ink: readonly [left: number, right: number]
}

/** In prose and pictures alike; see `NounGlyph` and `Sign`. */
export const VOCABULARY: Readonly<Record<Noun, Word>> = {
  record: {
    noun: 'record',
    one: 'record',
    many: 'records',
    meaning: 'One message: a key, a value, headers and a time.',
    colour: { light: '#b0341a', dark: '#f59a7e' },
    glyph: 'M3 1h7l4 4v10H3z',
    strokes: 'M10 1v4h4',
    ink: [2.25, 14.75],
  },
  batch: {
    noun: 'batch',
    one: 'batch',
    many: 'batches',
    meaning: 'Records of one partition that travel and are stored together.',
    colour: { light: '#805000', dark: '#e2b45a' },
    glyph: 'M5 5h6v6H5z',
    strokes: 'M5 2H1v12h4M11 2h4v12h-4',
    ink: [0.25, 15.75],
  },
  buffer: {
    noun: 'buffer',
    one: 'buffer',
    many: 'buffers',
    meaning: 'Memory set aside for bytes that wait.',
    colour: { light: '#46621f', dark: '#aac67c' },
    glyph: 'M1 4h14v9H1z',
    strokes: 'M1 9l5-5M3 13l9-9M8 13l7-7',
    ink: [0.25, 15.75],
  },
  request: {
    noun: 'request',
    one: 'request',
    many: 'requests',
    meaning: 'A question from a client to a broker, or the answer to it.',
    colour: { light: '#23588c', dark: '#8bb9e6' },
    glyph: 'M1 3h14v10H1z',
    strokes: 'M1 3l7 6 7-6',
    ink: [0.25, 15.75],
  },
  partition: {
    noun: 'partition',
    one: 'partition',
    many: 'partitions',
    meaning: 'One ordered log of a topic; its records are numbered from 0.',
    colour: { light: '#125f5b', dark: '#72c8bd' },
    glyph: 'M15 4H4a4 4 0 000 8h11',
    strokes: 'M7 4v8M11 4v8',
    ink: [-0.75, 15.75],
  },
  broker: {
    noun: 'broker',
    one: 'broker',
    many: 'brokers',
    meaning: 'A server that keeps partitions and answers requests.',
    colour: { light: '#813a63', dark: '#df9fc1' },
    glyph: 'M2 6l6-5 6 5v9H2z',
    strokes: 'M2 6h12M5 9h6M5 12h6',
    ink: [1.25, 14.75],
  },
  clock: {
    noun: 'clock',
    one: 'clock',
    many: 'clocks',
    meaning: 'Time: the virtual clock of a run, or a timer that waits for it.',
    colour: { light: '#57488a', dark: '#bdb0ea' },
    glyph: 'M15 8A7 7 0 011 8a7 7 0 0114 0z',
    strokes: 'M8 4v4l3 2',
    ink: [0.25, 15.75],
  },
}

/** What everything is drawn on and with. */
export const GROUND: Readonly<Record<string, Shade>> = {
  /** The page. */
  paper: { light: '#f8f2e4', dark: '#1b2024' },
  /** A surface upon it: code, machines, fields. */
  leaf: { light: '#fcf8ee', dark: '#21272c' },
  ink: { light: '#2a2119', dark: '#eadfca' },
  /** Text that steps back. */
  soft: { light: '#64574a', dark: '#b1a692' },
  /** Lines that divide. */
  rule: { light: '#cdbfa3', dark: '#434a4e' },
  /** Leaders and borders of controls: at least 3:1. */
  hair: { light: '#8d7f6c', dark: '#817a6d' },
  /** Behind what speaks at this moment. */
  lit: { light: '#f3e2b5', dark: '#3d3726' },
}

/** How much of a noun's colour is in its tint. */
export const TINT: Shade = { light: '14%', dark: '17%' }

const declarations = (theme: keyof Shade): string => {
  const ground = Object.entries(GROUND).map(([name, shade]) => `--${name}:${shade[theme]};`)
  const nouns = NOUNS.map((noun) => `--${noun}:${VOCABULARY[noun].colour[theme]};`)
  return [...ground, ...nouns, `--t:${TINT[theme]};`].join('')
}

/** Strokes and lettering of every drawing; an `<svg class="pic">` is one. */
const PICTURES = `
.pic{overflow:visible}
.pic text{fill:var(--ink);font-size:15px;font-family:var(--serif)}
.pic .m{font-family:var(--mono);font-size:13px;font-variant-numeric:lining-nums}
.pic .lab{font-style:italic;font-size:14.5px}
.pic .sm{font-size:13.5px}
.pic .so{fill:var(--soft)}
.pic .cap{font-variant-caps:all-small-caps;letter-spacing:.07em;font-size:18px}
.pic .ink{stroke:var(--ink);fill:none;stroke-width:1.3;stroke-linecap:round;stroke-linejoin:round}
.pic .lead{stroke:var(--hair);fill:none;stroke-width:.9}
.pic .thin{stroke:var(--rule);fill:none;stroke-width:1}
.pic .leaf{fill:var(--leaf)}
.pic .halo{paint-order:stroke;stroke:var(--leaf);stroke-width:4px;stroke-linejoin:round}
.pic .dash{stroke-dasharray:4 4}
.pic .empty{fill:none;stroke:var(--hair);stroke-dasharray:3 3}
.pic .missing{fill:none;stroke:var(--record);stroke-dasharray:3 3}
.pic .moves{transition:transform 450ms ease,opacity 300ms ease}
.pic .moves.quick{transition:transform 120ms linear}
@media (prefers-reduced-motion:reduce){.pic .moves,.pic .moves.quick{transition:none}}
@media print{.pic .moves,.pic .moves.quick{transition:none}}
`.replaceAll('\n', '')

/**
 * The custom properties of both themes (dark: `html.dark`), the classes that colour by noun
 * (`c-record` for text, `k-record` for a shape with its tint, `f-record` for text inside an SVG)
 * and those of drawings. The page says what `--serif` and `--mono` are.
 */
export const vocabularyCss = (): string => {
  const nouns = NOUNS.map(
    (noun) =>
      `.c-${noun}{color:var(--${noun})}` +
      `svg .k-${noun}{color:var(--${noun});stroke:currentColor;stroke-width:1.5;` +
      'stroke-linejoin:round;stroke-linecap:round;' +
      'fill:color-mix(in srgb,currentColor var(--t),var(--leaf))}' +
      `svg.pic text.f-${noun}{fill:var(--${noun})}`,
  )
  const parts =
    'svg .k-none{fill:none}svg .k-full{fill:currentColor}' +
    'svg .k-bare{stroke:none}svg .k-leaf{fill:var(--leaf)}'
  return (
    `:root{${declarations('light')}color-scheme:light}` +
    `html.dark{${declarations('dark')}color-scheme:dark}${nouns.join('')}${parts}${PICTURES}`
  )
}
