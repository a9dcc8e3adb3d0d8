/**
 * Makes a module's declaration replaceable while it is loaded.
 *
 *     export const shouldBackoff = (…) => …       the source
 *     export let   shouldBackoff = (…) => …       the same place, and now it can be set
 *     …
 *     ;export const standInSlot = { … }           behind the last line: who sets it
 *
 * The module itself and everybody who imports it see the new value: an import in JavaScript is the
 * variable, not a copy of it. A method is not set but put into the class.
 *
 * I1  Every line keeps its number.
 */

import ts from 'typescript'

/** What a changed module exports besides. */
export interface Slot {
  get(): unknown
  set(value: unknown): void
}

export const SLOT = 'standInSlot'

/** Where in the text a symbol is declared. */
export interface SlotPlace {
  /** Of the declared name: of the class, for a method. */
  readonly name: string
  readonly method: string | null
  readonly isStatic: boolean
  /** Where `const` stands, if it must become `let`. */
  readonly constAt: number | null
}

/** @param symbol `shouldBackoff` or `NodeDrain.drainBatchesForOneNode` */
export const slotIn = (text: string, path: string, symbol: string): SlotPlace => {
  const [name = '', method = null] = symbol.split('.')
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      const { declarationList } = statement
      const found = declarationList.declarations.some(
        (declaration) => ts.isIdentifier(declaration.name) && declaration.name.text === name,
      )
      if (found && method === null) {
        return { name, method, isStatic: false, constAt: declarationList.getStart(source) }
      }
    } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      if (statement.name?.text !== name) continue
      if (method === null) return { name, method, isStatic: false, constAt: null }
      if (ts.isClassDeclaration(statement)) {
        return { name, method, isStatic: isStatic(statement, method, path), constAt: null }
      }
    }
  }
  throw new Error(`${path} declares no '${symbol}'`)
}

const isStatic = (declaration: ts.ClassDeclaration, method: string, path: string): boolean => {
  const member = declaration.members.find(
    (each) => ts.isMethodDeclaration(each) && each.name.getText() === method && each.body,
  )
  if (member === undefined) {
    throw new Error(`${path}: the class '${declaration.name?.text}' has no method '${method}'`)
  }
  return (ts.getCombinedModifierFlags(member as ts.Declaration) & ts.ModifierFlags.Static) !== 0
}

/** The module's text, with the slot. */
export const withSlot = (text: string, { name, method, constAt }: SlotPlace): string => {
  const settable =
    constAt === null ? text : `${text.slice(0, constAt)}let  ${text.slice(constAt + 5)}`
  const set = method === null ? `${name} = value` : `throw new Error('${name} is not replaced')`
  const slot = `{ get: () => ${name}, set: (value) => { ${set} } }`
  return `${settable.trimEnd()};export const ${SLOT} = ${slot}\n`
}
