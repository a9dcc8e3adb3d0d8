import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ConsoleLogger } from '../../src/common/Logger.ts'

describe('ConsoleLogger', () => {
  const written: string[] = []

  beforeEach(() => {
    written.length = 0
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
      written.push(String(line))
      return true
    })
  })

  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('writes what is at least of its level, with level and prefix', () => {
    const logger = new ConsoleLogger('warn').withPrefix('[Producer] ').withPrefix('[batch] ')
    logger.debug('no')
    logger.info('no')
    logger.warn('careful')
    logger.error('broken')

    expect(written).toEqual([
      'WARN  [Producer] [batch] careful\n',
      'ERROR [Producer] [batch] broken\n',
    ])
    expect([logger.isEnabled('info'), logger.isEnabled('warn')]).toEqual([false, true])
  })

  test('shows the cause of an error', () => {
    new ConsoleLogger().error('broken', new Error('because'))
    new ConsoleLogger().error('broken', 'a text')

    expect(written[0]).toMatch(/^ERROR broken: Error: because\n/)
    expect(written[1]).toBe('ERROR broken: a text\n')
  })

  test('silent writes nothing', () => {
    new ConsoleLogger('silent').error('broken')

    expect(written).toEqual([])
  })
})
