/**
 * Writes `docs/kafka-version.md`: the version retold, and the table of classes, from the `@kafka`
 * tags of the source.
 *
 *     npx tsx scripts/kafka-version.ts            compares; exit 1 when the page is old
 *     npx tsx scripts/kafka-version.ts --update   writes
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const KAFKA_VERSION = '4.3.1'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = `${root}docs/kafka-version.md`

interface Retold {
  readonly javaClass: string
  readonly file: string
}

const sourceFiles = (): string[] =>
  readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `src/${file.replaceAll('\\', '/')}`)
    .sort()

/** Each `@kafka` tag with the file it stands in. */
export const retoldClasses = (): Retold[] =>
  sourceFiles().flatMap((file) =>
    [...readFileSync(root + file, 'utf8').matchAll(/@kafka\s+([\w.$]+)/g)].map((match) => ({
      javaClass: match[1]!,
      file,
    })),
  )

const folderOf = (file: string): string => file.split('/')[1]!

/** The page as it should be. */
export const kafkaVersionPage = (): string => {
  const all = retoldClasses()
  const folders = [...new Set(all.map(({ file }) => folderOf(file)))]
  const tables = folders.map((folder) => {
    const rows = all
      .filter(({ file }) => folderOf(file) === folder)
      .map(({ javaClass, file }) => `| \`${javaClass}\` | [${file}](../${file}) |`)
    return `## src/${folder}\n\n| in Kafka | here |\n|---|---|\n${rows.join('\n')}\n`
  })
  return `# The version retold: Apache Kafka ${KAFKA_VERSION}

Everything here follows **Apache Kafka ${KAFKA_VERSION}** (June 2026): names, defaults, error codes, message versions, behaviour. Where a
number or a rule is given without a version, it is that of ${KAFKA_VERSION}. The tests against real software run that version's broker
and its Java client.

The tables are made from the \`@kafka\` tags in the source (\`npx tsx scripts/kafka-version.ts --update\`): ${all.length} classes of Kafka
are retold so far. A class of the JDK stands here where Kafka builds on it and a reader needs its counterpart.

${tables.join('\n')}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = kafkaVersionPage()
  if (process.argv.includes('--update')) writeFileSync(page, wanted)
  else if (readFileSync(page, 'utf8') !== wanted) {
    process.stderr.write(
      'docs/kafka-version.md is old: npx tsx scripts/kafka-version.ts --update\n',
    )
    process.exitCode = 1
  }
}
