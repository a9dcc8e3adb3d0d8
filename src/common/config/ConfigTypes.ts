/**
 * The types behind `ConfigDef`: what a definition says, and what TypeScript can conclude from it.
 *
 *     { 'linger.ms': { type: 'long', default: 5, … } }          a definition, as data
 *        │
 *        ├─►  InputOf:    { 'linger.ms'?: number | `${number}` }    what a program may write
 *        └─►  ValuesOf:   { 'linger.ms': number }                   what the code reads
 *
 * An unknown key, a missing one without default, or a text where a number belongs does not compile.
 * The same rules hold at run time (`ConfigDef.parse`), for settings that come from a file or a
 * command line.
 */

import type { Password } from './Password.ts'
import type { Validator, ValidString } from './validators.ts'

export type ConfigType =
  | 'boolean'
  | 'string'
  /** 32 bits. */
  | 'int'
  /** 16 bits. */
  | 'short'
  /** 64 bits; here a safe integer. */
  | 'long'
  | 'double'
  /** Values, or one text with commas. */
  | 'list'
  /** A class, or an object that does its work. */
  | 'class'
  | 'password'

export type Importance = 'high' | 'medium' | 'low'

/** Carries a type and nothing else. */
export interface TypeTag<T> {
  readonly tagOf?: () => T
}

/** A class without parameters, or an object of it. */
export type ClassOrInstance<T> = T | (new () => T)

/** Says the type of a list's values, or a narrower type of a string or number. */
export const ofType = <T>(): TypeTag<T> => ({})

/** Says what objects of a `class` setting, or the values of a list of classes, can do. */
export const ofClass = <T>(): TypeTag<ClassOrInstance<T>> => ({})

interface Common {
  /** What it must be beyond its type. */
  readonly validator?: Validator
  readonly importance: Importance
  readonly documentation: string
  /** Works, but is not shown in the documentation. */
  readonly internal?: boolean
  /** Kafka has it and this program cannot do it: why. It takes no value but its default. */
  readonly refused?: string
  /** The type of the values, where `type` alone says too little. */
  readonly of?: TypeTag<unknown>
}

/** One setting. Without `default` it must be given; `default: null` means it may be absent. */
export type Definition = Common &
  (
    | { readonly type: 'boolean'; readonly default?: boolean | null }
    | { readonly type: 'string' | 'password'; readonly default?: string | null }
    | { readonly type: 'int' | 'short' | 'long' | 'double'; readonly default?: number | null }
    | { readonly type: 'list'; readonly default?: readonly unknown[] | string | null }
    | { readonly type: 'class'; readonly default?: object | null }
  )

export type Definitions = Readonly<Record<string, Definition>>

interface ValueByType {
  boolean: boolean
  string: string
  int: number
  short: number
  long: number
  double: number
  list: readonly string[]
  class: ClassOrInstance<object>
  password: Password
}

/** The type without null. */
type BareValue<X extends Definition> = X extends { validator: ValidString<infer S> }
  ? S
  : X extends { of: TypeTag<infer T> }
    ? X['type'] extends 'list'
      ? readonly T[]
      : T
    : ValueByType[X['type']]

type NullOf<X extends Definition> = X extends { default: null } ? null : never

/** What `get` returns. */
export type ValueOf<X extends Definition> = BareValue<X> | NullOf<X>

/** What a program may write: the value, or a text where Java's properties files have one. */
export type InputValueOf<X extends Definition> =
  | BareValue<X>
  | NullOf<X>
  | (X['type'] extends 'boolean' ? `${boolean}` : never)
  | (X['type'] extends 'int' | 'short' | 'long' | 'double' ? `${number}` : never)
  | (X['type'] extends 'list' | 'password' ? string : never)

type Required<D extends Definitions> = {
  [K in keyof D]: D[K] extends { default: unknown } ? never : K
}[keyof D]

/** What is refused cannot be written: the compiler says so before the run time does. */
type Optional<D extends Definitions> = {
  [K in keyof D]: D[K] extends { default: unknown }
    ? D[K] extends { refused: string }
      ? never
      : K
    : never
}[keyof D]

type Flat<T> = { [K in keyof T]: T[K] }

export type ValuesOf<D extends Definitions> = { readonly [K in keyof D]: ValueOf<D[K]> }

export type InputOf<D extends Definitions> = Flat<
  { readonly [K in Required<D>]: InputValueOf<D[K]> } & {
    readonly [K in Optional<D>]?: InputValueOf<D[K]> | undefined
  }
>
