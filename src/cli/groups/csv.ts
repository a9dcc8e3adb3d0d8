/**
 * Offsets as lines of a file, out with `--export` and in again with `--from-file`.
 *
 *     orders,0,15                 one group: topic, partition, offset
 *     billing,orders,0,15         several: the group first
 *
 * @kafka org.apache.kafka.tools.consumer.group.CsvUtils
 */

import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { CommandFailure } from './CommandFailure.ts'
import type { Offsets } from './OffsetsUtils.ts'

export const exportOffsetsToCsv = (
  groups: ReadonlyMap<string, Offsets>,
  isSingleGroup: boolean,
): string => {
  const lines: string[] = []
  for (const [groupId, offsets] of groups) {
    for (const [{ topic, partition }, offset] of offsets) {
      const fields = isSingleGroup ? [topic] : [groupId, topic]
      lines.push(`${[...fields, partition, offset].map(quoted).join(',')}\n`)
    }
  }
  return lines.join('')
}

/** A group's id may be any text. */
const quoted = (field: string | number): string =>
  /[",\n\r ]/.test(String(field)) ? `"${String(field).replaceAll('"', '""')}"` : String(field)

/**
 * The offsets of each group in such a file.
 *
 * @param groups those of the command line: if it is one, lines need not name it
 * @throws CommandFailure for a line of another form
 */
export const parseResetPlan = (text: string, groups: readonly string[]): Map<string, Offsets> => {
  const plan = new Map<string, Offsets>()
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const fields = lines.map(fieldsOf)
  const withoutGroup = groups.length === 1 && fields[0]?.length === 3
  for (const [i, line] of lines.entries()) {
    const all = withoutGroup ? [groups[0]!, ...fields[i]!] : fields[i]!
    const [groupId, topic, partition, offset] = all
    const isWhole = [partition, offset].every((field) => /^\d+$/.test(field?.trim() ?? ''))
    if (all.length !== 4 || !isWhole) {
      const form = withoutGroup ? 'topic,partition,offset' : 'group,topic,partition,offset'
      throw new CommandFailure(`Line ${i + 1} of the reset plan is not ${form}: '${line}'`)
    }
    let offsets = plan.get(groupId!)
    if (offsets === undefined) plan.set(groupId!, (offsets = new TopicPartitionMap()))
    offsets.set(new TopicPartition(topic!, Number(partition)), Number(offset))
  }
  return plan
}

/** Fields between commas; one in quotes may hold commas, and quotes written twice. */
const fieldsOf = (line: string): string[] =>
  Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, inQuotes, plain]) =>
    inQuotes === undefined ? plain!.trim() : inQuotes.replaceAll('""', '"'),
  )
