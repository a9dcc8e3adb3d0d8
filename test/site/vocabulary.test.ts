/**
 * The vocabulary can be read: contrasts as WCAG 2 counts them, in both themes.
 */

import { describe, expect, test } from 'vitest'
import {
  GROUND,
  NOUNS,
  type Shade,
  TINT,
  VOCABULARY,
  vocabularyCss,
} from '../../docs/.vitepress/theme/vocabulary.ts'

type Rgb = readonly [number, number, number]

const rgb = (hex: string): Rgb => {
  const at = (i: number): number => Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16)
  return [at(0), at(1), at(2)]
}

const mix = (a: Rgb, b: Rgb, share: number): Rgb => {
  const at = (i: 0 | 1 | 2): number => a[i] * share + b[i] * (1 - share)
  return [at(0), at(1), at(2)]
}

const luminance = (colour: Rgb): number => {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const contrast = (a: Rgb, b: Rgb): number => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme: keyof Shade) => {
  const ground = (name: string): Rgb => rgb(GROUND[name]![theme])
  const share = Number.parseFloat(TINT[theme]) / 100

  test.each(NOUNS)('%s can be read on paper, leaf, what is lit and its own tint', (noun) => {
    const colour = rgb(VOCABULARY[noun].colour[theme])
    const tint = mix(colour, ground('leaf'), share)
    for (const behind of [ground('paper'), ground('leaf'), ground('lit'), tint]) {
      expect(contrast(colour, behind)).toBeGreaterThanOrEqual(4.5)
    }
  })

  test('a batch and a clock can be read on the tint of a partition', () => {
    const tint = mix(rgb(VOCABULARY.partition.colour[theme]), ground('leaf'), share)
    for (const noun of ['batch', 'clock'] as const) {
      expect(contrast(rgb(VOCABULARY[noun].colour[theme]), tint)).toBeGreaterThanOrEqual(4.5)
    }
  })

  test('ink and soft text can be read everywhere, and borders can be seen', () => {
    for (const behind of [ground('paper'), ground('leaf'), ground('lit')]) {
      expect(contrast(ground('ink'), behind)).toBeGreaterThanOrEqual(7)
      expect(contrast(ground('soft'), behind)).toBeGreaterThanOrEqual(4.5)
    }
    expect(contrast(ground('hair'), ground('leaf'))).toBeGreaterThanOrEqual(3)
    expect(contrast(ground('hair'), ground('paper'))).toBeGreaterThanOrEqual(3)
  })
})

test('every noun has a shape and a colour of its own', () => {
  const words = NOUNS.map((noun) => VOCABULARY[noun])
  expect(new Set(words.map(({ glyph }) => glyph)).size).toBe(NOUNS.length)
  expect(new Set(words.map(({ colour }) => colour.light)).size).toBe(NOUNS.length)
  for (const noun of NOUNS) expect(vocabularyCss()).toContain(`--${noun}:`)
})
