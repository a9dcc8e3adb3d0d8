import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kafkaVersionPage, retoldClasses } from '../../scripts/kafka-version.ts'

test('docs/kafka-version.md names each class that the source retells', () => {
  const page = new URL('../../docs/kafka-version.md', import.meta.url)
  expect(existsSync(page)).toBe(true)
  expect(readFileSync(page, 'utf8')).toBe(kafkaVersionPage())
})

test('a @kafka tag gives the full name of a class of Kafka or of the JDK', () => {
  const odd = retoldClasses().filter(
    ({ javaClass }) =>
      !/^(org\.apache\.kafka|kafka|java)\.[\w.]+\.[A-Z]\w*(\$\w+)?$/.test(javaClass),
  )
  expect(odd).toEqual([])
})
