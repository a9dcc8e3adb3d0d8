import { describe, expect, test } from 'vitest'
import { InvalidTopicException } from '../../src/common/errors/ApiExceptions.ts'
import { Topic } from '../../src/common/Topic.ts'
import { covers } from '../support/covers.ts'

describe('topic names', () => {
  test.each(['valid', 'TOPIC', 'nAmEs', 'ar6', 'VaL1d', '_0-9_.', '...', 'a'.repeat(249)])(
    '%s is allowed',
    (name) => {
      covers('TopicTest.shouldAcceptValidTopicNames')
      expect(() => Topic.validate(name)).not.toThrow()
    },
  )

  test.each(['', 'foo bar', '..', 'foo:bar', 'foo=bar', '.', 'a'.repeat(250), 'naïve', 'a\n'])(
    '%j is not',
    (name) => {
      covers('TopicTest.shouldThrowOnInvalidTopicNames')
      expect(() => Topic.validate(name)).toThrow(InvalidTopicException)
      expect(Topic.isValid(name)).toBe(false)
    },
  )

  test('each character that cannot stand in a file name is recognised', () => {
    covers('TopicTest.shouldRecognizeInvalidCharactersInTopicNames')
    for (const character of '/\\,\0:"\';*?\u0020\t\r\n=') {
      expect(Topic.isValid(`is${character}illegal`)).toBe(false)
    }
  })

  test('a dot and an underscore are the same to metrics', () => {
    covers(
      'TopicTest.testTopicHasCollisionChars',
      'TopicTest.testUnifyCollisionChars',
      'TopicTest.testTopicHasCollision',
    )
    expect(['start', 'end', 'many'].some(Topic.hasCollisionChars)).toBe(false)
    expect(['.start', 'end.', 'mid_dle', '_ma_ny.'].every(Topic.hasCollisionChars)).toBe(true)
    expect(Topic.unifyCollisionChars('_.topic')).toBe('__topic')
    expect(Topic.hasCollision('to.pic', 'to_pic')).toBe(true)
    expect(Topic.hasCollision('topic', 'topic')).toBe(true)
    expect(Topic.hasCollision('.topic', 'topic_')).toBe(false)
  })

  test('the topics of coordinators are internal', () => {
    expect(Topic.isInternal('__consumer_offsets')).toBe(true)
    expect(Topic.isInternal('__transaction_state')).toBe(true)
    expect(Topic.isInternal('__mine')).toBe(false)
  })
})
