/** Modules that the build makes. */
declare module 'virtual:spoken-lines' {
  const lines: import('./theme/lab/spokenLines.ts').SpokenLines
  export default lines
}

declare module 'virtual:source-names' {
  const names: import('./theme/source/sourceNames.ts').SourceNames
  export default names
}

declare const __REPOSITORY__: string | null

declare module '@localSearchIndex' {
  const indexes: Readonly<Record<string, () => Promise<{ readonly default: string }>>>
  export default indexes
}
