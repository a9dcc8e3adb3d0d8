import { describe, expect, it } from 'vitest'
import { DEFAULT_ROUNDS, parseOptions } from '../../bench/options.ts'

describe('the command line of the benchmark', () => {
  it('asks for everything when it says nothing', () => {
    const rounds = DEFAULT_ROUNDS
    const both = { broker: 'both', only: 'both' }
    expect(parseOptions([])).toEqual({ part: 'full', json: false, rounds, ...both })
  })

  it.each(['quick', 'memory', 'groups', 'micro', 'scale', 'profile', 'publish'])(
    'knows --%s',
    (part) => {
      expect(parseOptions([`--${part}`, '--json'])).toMatchObject({ part, json: true })
    },
  )

  it('takes rounds and a broker', () => {
    const options = parseOptions(['--rounds', '3', '--broker', 'embedded'])
    expect(options).toMatchObject({ rounds: 3, broker: 'embedded' })
  })

  it.each([
    [['--quick', '--memory'], 'one of --quick and --memory'],
    [['--rounds', '0'], "from 1 on, not '0'"],
    [['--rounds', 'many'], "not 'many'"],
    [['--broker', 'mine'], 'takes embedded, real, both'],
    [['--only', 'writing'], 'takes sending, reading, both'],
    [['--fast'], "Unknown option '--fast'"],
    [['quick'], 'Unexpected argument'],
  ])('refuses %j, and says why', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message)
  })
})
