import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { demo } from './demo.ts'

const golden = new URL('demo.out', import.meta.url)

test('the demo says, byte for byte, what the page shows (npm run chapter -- 7 --update)', async () => {
  let told = ''
  await demo((text) => {
    told += text
  })
  expect(told).toBe(readFileSync(golden, 'utf8'))
})
