/**
 * Makes the list of Kafka's names (`kafka-names.txt`) from the sources that Kafka publishes.
 *
 *     npx tsx scripts/book/kafkaNamesIndex.ts             gets the `-sources.jar`s through Maven
 *     npx tsx scripts/book/kafkaNamesIndex.ts <folder>    takes those in a folder
 *
 * Needed when the pinned version changes, or when a `@kafka` tag is the first to name a member of
 * its class. Only names are taken: packages, classes, and the members of classes that a tag names
 * members of. What is nested in a generated message (`…Data.…`) is left out, and so are the readers
 * and writers of JSON: there are thousands of them, and nobody retells them.
 */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { strFromU8, unzipSync } from 'fflate'
import { KAFKA_VERSION } from '../kafka-version.ts'
import { root } from './Generated.ts'
import { declaredNames } from './javaNames.ts'
import { NAMES_FILE } from './kafkaNames.ts'
import { membersNamed, retoldClasses } from './rosetta.ts'

const ARTIFACTS = [
  'kafka-clients',
  'kafka-clients:test',
  'kafka-test-common-runtime',
  'kafka-server-common',
  'kafka-server',
  'kafka-storage',
  'kafka-metadata',
  'kafka-transaction-coordinator',
  'kafka-coordinator-common',
  'kafka-group-coordinator',
  'kafka-tools',
  'kafka_2.13',
]

/** Of Kafka's own build: in its repository, in no artifact that is published. */
const UNPUBLISHED = ['org.apache.kafka.message.Versions']

/** Of the JDK, what Kafka builds on and a reader of the source needs the counterpart of. */
const OF_THE_JDK = [
  'java.net.InetSocketAddress',
  'java.nio.ByteBuffer',
  'java.nio.channels.FileChannel',
  'java.nio.channels.ScatteringByteChannel',
  'java.nio.channels.SelectableChannel',
  'java.nio.channels.SelectionKey',
  'java.nio.channels.Selector',
  'java.nio.channels.ServerSocketChannel',
  'java.nio.channels.SocketChannel',
  'java.nio.channels.spi.SelectorProvider',
  'java.nio.charset.StandardCharsets',
  'java.util.ArrayDeque',
  'java.util.HashMap',
  'java.util.LinkedHashMap',
  'java.util.LinkedHashSet',
  'java.util.Properties',
  'java.util.TreeSet',
  'java.util.concurrent.CompletableFuture',
  'java.util.concurrent.locks.Condition',
  'java.util.concurrent.locks.ReentrantLock',
]

/** By package, then by outer class: the nested classes, and the members. */
interface OuterClass {
  readonly nested: Set<string>
  readonly members: Set<string>
}
type Index = Map<string, Map<string, OuterClass>>

const download = (): string => {
  const folder = `${root}node_modules/.cache/annotated-kafka/kafka-sources`
  mkdirSync(folder, { recursive: true })
  for (const [artifact, test] of ARTIFACTS.map((name) => name.split(':'))) {
    const classifier = test === undefined ? 'sources' : 'test-sources'
    const which = `-Dartifact=org.apache.kafka:${artifact}:${KAFKA_VERSION}:jar:${classifier}`
    const where = `-DoutputDirectory=${folder}`
    execFileSync('mvn', ['-q', '-B', 'dependency:copy', which, where], { stdio: 'inherit' })
  }
  return folder
}

const jarsIn = (folder: string): string[] => {
  const tails = ['sources', 'test-sources'].map((kind) => `-${KAFKA_VERSION}-${kind}.jar`)
  const jars = readdirSync(folder).filter((file) => tails.some((tail) => file.endsWith(tail)))
  return jars.map((file) => `${folder}/${file}`).sort()
}

const outerClass = (index: Index, folder: string, name: string): OuterClass => {
  const classes = index.get(folder) ?? new Map<string, OuterClass>()
  index.set(folder, classes)
  const known = classes.get(name) ?? { nested: new Set(), members: new Set() }
  classes.set(name, known)
  return known
}

/** The suites themselves are what `covers()` names, not what is retold. */
const isSuite = (outer: string): boolean => /(?:Test|IntegrationTest|TestCase)$/.test(outer)

const isGenerated = (folder: string): boolean =>
  /\.(message|generated)$/.test(folder) && folder !== 'org.apache.kafka.message'

const addSource = (index: Index, path: string, text: string, wanted: Set<string>): void => {
  const names = declaredNames(text, path.endsWith('.scala') ? 'scala' : 'java')
  for (const [path, members] of names.classes) {
    const [outer = '', ...inner] = path.split('.')
    if (isGenerated(names.package) && (inner.length > 0 || outer.endsWith('JsonConverter')))
      continue
    if (isSuite(outer)) continue
    const known = outerClass(index, names.package, outer)
    if (inner.length > 0) known.nested.add(inner.join('.'))
    else if (wanted.has(`${names.package}.${outer}`)) {
      for (const member of members) known.members.add(member)
    }
  }
}

const addNames = (index: Index, names: readonly string[]): void => {
  for (const name of names) {
    const dot = name.lastIndexOf('.')
    outerClass(index, name.slice(0, dot), name.slice(dot + 1))
  }
}

const written = (index: Index): string => {
  const head = [
    `# Names of Apache Kafka ${KAFKA_VERSION}, which the @kafka tags are checked against. ` +
      'Not typed by hand:',
    '#     npx tsx scripts/book/kafkaNamesIndex.ts',
    '# package / outer class, its nested classes : members, where a tag names one',
  ]
  const blocks = [...index].sort(byName).map(([folder, classes]) => {
    const lines = [...classes].sort(byName).map(([outer, { nested, members }]) => {
      const names = [outer, ...[...nested].sort()].join(' ')
      return members.size === 0 ? `  ${names}` : `  ${names} : ${[...members].sort().join(' ')}`
    })
    return `${folder}\n${lines.join('\n')}\n`
  })
  return `${head.join('\n')}\n\n${blocks.join('\n')}`
}

const byName = (a: readonly [string, unknown], b: readonly [string, unknown]): number =>
  a[0] < b[0] ? -1 : 1

const makeIndex = (jars: readonly string[]): string => {
  const index: Index = new Map()
  const wanted = new Set(
    retoldClasses()
      .filter((tag) => membersNamed(tag).length > 0)
      .map(({ javaClass }) => javaClass),
  )
  for (const jar of jars) {
    const files = unzipSync(readFileSync(jar), {
      filter: ({ name }) => /\.(java|scala)$/.test(name),
    })
    for (const [path, bytes] of Object.entries(files)) {
      addSource(index, path, strFromU8(bytes), wanted)
    }
  }
  addNames(index, [...UNPUBLISHED, ...OF_THE_JDK])
  return written(index)
}

const jars = jarsIn(process.argv[2] ?? download())
if (jars.length === 0) throw new Error(`There is no *-${KAFKA_VERSION}-sources.jar in the folder.`)
const text = makeIndex(jars)
writeFileSync(root + NAMES_FILE, text)
process.stdout.write(`${NAMES_FILE}: ${text.length} bytes, from ${jars.length} archives\n`)
