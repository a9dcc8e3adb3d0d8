import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ArrayDeque } from '../../src/producer/internals/ArrayDeque.ts'

it('does at both ends what an array does, however it has wrapped and grown', () => {
  const step = fc.tuple(
    fc.constantFrom('addFirst', 'addLast', 'pollFirst', 'pollLast', 'remove' as const),
    fc.nat(40),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const deque = new ArrayDeque<number>()
      const model: number[] = []
      steps.forEach(([what, pick], i) => {
        if (what === 'addFirst') {
          deque.addFirst(i)
          model.unshift(i)
        } else if (what === 'addLast') {
          deque.addLast(i)
          model.push(i)
        } else if (what === 'pollFirst') {
          expect(deque.pollFirst()).toBe(model.shift())
        } else if (what === 'pollLast') {
          expect(deque.pollLast()).toBe(model.pop())
        } else {
          const item = model[pick % Math.max(1, model.length)] ?? -1
          expect(deque.remove(item)).toBe(model.includes(item))
          if (model.includes(item)) model.splice(model.indexOf(item), 1)
        }
        expect([deque.size, deque.isEmpty()]).toEqual([model.length, model.length === 0])
        expect([deque.peekFirst(), deque.peekLast()]).toEqual([model[0], model.at(-1)])
        expect([...deque]).toEqual(model)
      })
      expect(String(deque)).toBe(`[${model.join(', ')}]`)
    }),
  )
})
