/**
 * `docs/kafka-version.md`: the version retold, and how much of it. `npm run update` writes it.
 */

import type { Generated } from './book/Generated.ts'
import { retoldClasses } from './book/rosetta.ts'

export const KAFKA_VERSION = '4.3.1'

/** The page as it should be. */
export const kafkaVersionPage = (): string => {
  const retold = new Set(retoldClasses().map(({ javaClass }) => javaClass))
  const files = new Set(retoldClasses().map(({ file }) => file))
  const ofJdk = [...retold].filter((name) => name.startsWith('java.')).length
  return `# The version retold: Apache Kafka ${KAFKA_VERSION}

Everything here follows **Apache Kafka ${KAFKA_VERSION}** (June 2026): names, defaults, error codes, message versions, behaviour. Where a
number or a rule is given without a version, it is that of ${KAFKA_VERSION}. The tests against real software run that version's broker
and its Java client.

${retold.size - ofJdk} classes of Kafka are retold so far, in ${files.size} files, and ${ofJdk} of the JDK that Kafka builds on and a reader needs the
counterpart of. The [Rosetta table](reference/rosetta.md) lists them all: each class of Kafka beside the symbol that retells it.
`
}

export const kafkaVersion: Generated = {
  name: 'the version retold',
  files: async () => new Map([['docs/kafka-version.md', kafkaVersionPage()]]),
}
