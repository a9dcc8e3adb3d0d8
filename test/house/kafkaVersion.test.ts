import { describe, expect, test } from 'vitest'
import { declaredNames } from '../../scripts/book/javaNames.ts'
import { KafkaNames, kafkaNames } from '../../scripts/book/kafkaNames.ts'
import { retoldClasses, retoldIn, shortened, wrongTags } from '../../scripts/book/rosetta.ts'

test('every @kafka tag names a class that the pinned version has, and members of it', () => {
  expect(wrongTags(retoldClasses(), kafkaNames())).toEqual([])
})

describe('a @kafka tag', () => {
  const names = new KafkaNames('a.b\n  Outer Inner : act rest\n  Bare\n')
  const wrong = (tag: string): string[] =>
    wrongTags(retoldIn('src/x.ts', `/**\n * What it is.\n *\n * @kafka ${tag}\n */\n`), names)

  test.each(['a.b.Outer', 'a.b.Outer.Inner', 'a.b.Outer$Inner', 'a.b.Outer (act, rest)'])(
    "'%s' is right",
    (tag) => expect(wrong(tag)).toEqual([]),
  )
  test('of a class that does not exist is named with its file and line', () => {
    expect(wrong('a.b.Gone')).toEqual(['src/x.ts:4: Kafka has no class a.b.Gone'])
  })
  test('of a member that does not exist is named with its class', () => {
    expect(wrong('a.b.Outer (act, play)')).toEqual(["src/x.ts:4: a.b.Outer has no 'play'"])
  })
  test('of a member asks for a list with the members of that class', () => {
    expect(wrong('a.b.Bare (act)')[0]).toContain('has no members of a.b.Bare; make it anew')
  })
  test('with a remark in words is about the class alone', () => {
    expect(wrong('a.b.Bare (its constants)')).toEqual([])
  })
})

describe('what a tag belongs to', () => {
  const told = (text: string) => retoldIn('src/common/Thing.ts', text)[0]

  test('is the symbol that its comment stands before', () => {
    const text = '/** Top. */\n\n/** @kafka a.B */\nexport const other = 1\n'
    expect(told(text)).toMatchObject({ symbol: 'other', line: 3, symbolLine: 4 })
  })
  test('is, in a head comment, the symbol of the name of the file', () => {
    const text = '/**\n * Top.\n *\n * @kafka a.B\n */\n\nexport class Thing {}\n'
    expect(told(text)).toMatchObject({ symbol: 'Thing', line: 4, symbolLine: 7 })
  })
  test('comes with what is simplified, in one line', () => {
    const text = '/**\n * @kafka a.B\n * @simplified no lock:\n *   one thread.\n */\n'
    expect(told(text)?.simplified).toBe('no lock: one thread.')
  })
})

test('a long remark is cut behind a clause', () => {
  expect(shortened('it is short.')).toBe('it is short.')
  expect(shortened('a first clause of some length; and a second one', 35)).toBe(
    'a first clause of some length …',
  )
})

describe('the names in a source file', () => {
  test('of Java are its classes, nested ones, methods and fields', () => {
    const java = `package a.b; // class No {}
      public final class Outer<T> extends Base {
        private final Map<String, int[]> held = new HashMap<>();
        enum Kind { ONE, TWO }
        @Override public void act(String s) { Runnable r = new Runnable() { class Local {} }; }
      }`
    const names = declaredNames(java, 'java')
    expect(names.package).toBe('a.b')
    expect([...names.classes.keys()]).toEqual(['Outer', 'Outer.Kind'])
    expect([...names.classes.get('Outer')!]).toEqual(expect.arrayContaining(['held', 'act']))
  })
  test('of Scala are its classes, objects, and members', () => {
    const scala = 'package a.b\n\nclass Outer(\n  val x: Int\n) {\n  def act(): Unit = {\n  }\n}\n'
    const names = declaredNames(scala, 'scala')
    expect([...names.classes.keys()]).toEqual(['Outer'])
    expect([...names.classes.get('Outer')!]).toContain('act')
  })
})
