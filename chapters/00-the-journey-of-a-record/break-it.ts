/** Ways to break the journey, each noticed by one of this chapter's tests: `npm run break-it 0`. */

import type { BreakIt } from '../../scripts/book/try/BreakIt.ts'

export const breakIts: readonly BreakIt[] = [
  {
    name: 'linger-ignored',
    file: 'src/producer/internals/ReadyCheck.ts',
    find: 'waitedMs >= timeToWaitMs',
    replace: 'waitedMs >= 0',
    breaks: 'A batch leaves as soon as it has a record, whatever `linger.ms` says.',
    learn: 'The wait is all that lets records travel together: without it each pays for a request.',
  },
  {
    name: 'key-ignored',
    file: 'src/producer/internals/BuiltInPartitioner.ts',
    find: 'return toPositive(murmur2(serializedKey)) % numPartitions',
    replace: 'return serializedKey.length % numPartitions',
    breaks: 'A key goes where its length says, not where its bytes say.',
    learn:
      'Keys of one length crowd into one partition, and other clients look for them elsewhere.',
  },
]
