/**
 * Tables for people, made from the tables that the code runs on.
 *
 *     ::: table configuration producer
 *     ::: table refused settings producer
 *     ::: table metrics producer
 *     ::: table errors
 */

import { ADMIN_CLIENT_CONFIG } from '../../../src/admin/AdminClientConfig.ts'
import { KAFKA_CONFIG_DEF } from '../../../src/broker/KafkaConfig.ts'
import type { AnyConfigDef } from '../../../src/common/config/ConfigDef.ts'
import { toMarkdownTable, toRefusedTable } from '../../../src/common/config/ConfigDocs.ts'
import { CONSUMER_CONFIG } from '../../../src/consumer/ConsumerConfig.ts'
import { PRODUCER_CONFIG } from '../../../src/producer/ProducerConfig.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { escapeHtml } from './highlight.ts'
import { consumerMetricsTable, producerMetricsTable } from './metricsTable.ts'

/** One heading per setting, so that each can be linked to and found. */
const configuration = (of: string, def: AnyConfigDef) => (): string =>
  rowsOf(toMarkdownTable(def))
    .map(([name = '', text = '', type = '', value = '', valid = '', importance = '']) => {
      const facts = [
        type,
        value === '' ? 'required' : `default ${codeOf(value)}`,
        ...(valid === '' ? [] : [`valid ${codeOf(valid)}`]),
        `importance ${importance}`,
      ]
      const heading = `### \`${name}\` {#${of}.${name}}`
      return `${heading}\n\n${text}\n\n<p class="facts">${facts.join(' · ')}</p>\n`
    })
    .join('\n')

/** The cells of a Markdown table's rows, without its head. */
const rowsOf = (table: string): string[][] =>
  table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )

const codeOf = (text: string): string =>
  `<code v-pre>${escapeHtml(text.replaceAll('`', ''))}</code>`

const errors = (): string => {
  const rows = Errors.values().map(({ code, name, retriable, message, exceptionClass }) => {
    const thrown = exceptionClass === null ? '' : `\`${exceptionClass.name}\``
    const what = exceptionClass === null ? 'No error.' : message
    return `| ${code} | \`${name}\` ${thrown} | ${what} | ${retriable ? 'yes' : 'no'} |`
  })
  return [
    '| code | name, and what is thrown | meaning | retriable |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/** The names as code: nobody links to a setting that cannot be used. */
const refused = (def: AnyConfigDef) => (): string =>
  toRefusedTable(def).replace(/^\| ([a-z][\w.]*\.[\w.]*) \|/gm, '| `$1` |')

const TABLES: Readonly<Record<string, () => string>> = {
  'configuration producer': configuration('producer', PRODUCER_CONFIG),
  'configuration consumer': configuration('consumer', CONSUMER_CONFIG),
  'configuration admin': configuration('admin', ADMIN_CLIENT_CONFIG),
  'configuration broker': configuration('broker', KAFKA_CONFIG_DEF),
  'refused settings producer': refused(PRODUCER_CONFIG),
  'refused settings consumer': refused(CONSUMER_CONFIG),
  'metrics producer': producerMetricsTable,
  'metrics consumer': consumerMetricsTable,
  errors,
}

/** The table in Markdown. @throws when there is none of that name */
export const markdownTable = (name: string, where: string): string => {
  const make = TABLES[name]
  if (make === undefined) {
    throw new Error(`${where}: no table '${name}'; there are ${Object.keys(TABLES).join(', ')}`)
  }
  return make()
}
