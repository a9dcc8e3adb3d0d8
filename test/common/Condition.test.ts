import { beforeEach, expect, it } from 'vitest'
import { Condition } from '../../src/common/Condition.ts'
import { IllegalStateException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'

let time: MockTime
let condition: Condition
beforeEach(() => {
  time = new MockTime()
  condition = new Condition(time)
})

it('wakes who waits when it is signalled', async () => {
  const waiting = condition.await(10)
  condition.signal()
  expect(await waiting).toBe(true)
})

it('says so when the time is over first', async () => {
  const waiting = condition.await(10)
  await time.sleep(10)
  expect(await waiting).toBe(false)
})

it('lets the code that signals run on before who waited goes on', async () => {
  const said: string[] = []
  const waiting = condition.await(10).then(() => said.push('woken'))
  condition.signal()
  said.push('signalled')
  await waiting
  expect(said).toEqual(['signalled', 'woken'])
})

it('forgets a signal that nobody waits for', async () => {
  condition.signal()
  const waiting = condition.await(10)
  await time.sleep(10)
  expect(await waiting).toBe(false)
})

it('can be waited for again, and by one at a time', async () => {
  const first = condition.await(10)
  expect(() => condition.await(10)).toThrow(IllegalStateException)
  condition.signal()
  expect(await first).toBe(true)
  const second = condition.await(10)
  condition.signal()
  expect(await second).toBe(true)
})
