import { describe, expect, test } from 'vitest'
import { BEAT_MS, glideMs, MAX_GLIDE_MS, Player } from '../../lab/Player.ts'

const player = (...times: number[]): Player => {
  const made = new Player()
  made.setLines(times.map((atMs) => ({ atMs })))
  return made
}

describe('the player', () => {
  test('gives each line its beat, and a wait a glide of the clock', () => {
    const p = player(0, 0, 20)
    p.play()
    p.tick(1)
    expect(p.position).toBe(0)
    p.tick(BEAT_MS)
    expect([p.position, p.clockMs]).toEqual([1, 0])
    p.tick(BEAT_MS + glideMs(20) / 2)
    expect(p.position).toBe(1)
    expect(p.clockMs).toBeGreaterThan(9)
    expect(p.clockMs).toBeLessThan(11)
    p.tick(glideMs(20))
    expect([p.position, p.clockMs, p.playing]).toEqual([2, 20, false])
  })

  test('never shows a time beyond the next line, and the clock never runs backwards', () => {
    const p = player(0, 0.5, 0.5, 7, 500, 500.001)
    p.play()
    let before = 0
    while (p.playing) {
      p.tick(7)
      expect(p.clockMs).toBeGreaterThanOrEqual(before)
      before = p.clockMs
    }
    expect(p.clockMs).toBe(500.001)
  })

  test('a long wait glides longer than a short one, but never long', () => {
    expect(glideMs(0.001)).toBe(0)
    expect(glideMs(200)).toBeGreaterThan(glideMs(20))
    expect(glideMs(1e9)).toBe(MAX_GLIDE_MS)
  })

  test('at another speed the same happens sooner', () => {
    const p = player(0, 0)
    p.play()
    p.tick(0)
    p.speed = 2
    p.tick(BEAT_MS / 2)
    expect(p.position).toBe(1)
  })

  test('plays from the beginning when it stands at the end, and not at all without lines', () => {
    const p = player(0, 1)
    p.seek(1)
    p.play()
    expect([p.position, p.playing]).toEqual([-1, true])
    const empty = player()
    empty.play()
    expect(empty.playing).toBe(false)
    expect(empty.tick(100)).toBe(false)
  })

  test('stays inside its lines, whatever is sought and however they change', () => {
    const p = player(0, 1, 2)
    p.seek(99)
    expect(p.position).toBe(2)
    p.seek(-99)
    expect(p.position).toBe(-1)
    p.seek(2)
    p.setLines([{ atMs: 0 }])
    expect(p.position).toBe(0)
  })
})
