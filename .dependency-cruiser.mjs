// The floors of the house: a file imports from its own floor or from below, never from above.
const floors = [
  ['platform'],
  ['common'],
  ['record'],
  ['protocol'],
  ['network'],
  ['clients'],
  ['producer', 'consumer', 'admin', 'index.ts'],
  ['broker'],
  ['testing'],
  ['cli'],
]
const path = (names) => `^src/(${names.map((n) => n.replace('.', '\\.')).join('|')})(/|$)`

const upward = floors.slice(0, -1).map((names, i) => ({
  name: `floor-${names[0]}-imports-only-below`,
  severity: 'error',
  from: { path: path(names) },
  to: { path: path(floors.slice(i + 1).flat()) },
}))

export default {
  forbidden: [
    ...upward,
    {
      name: 'broker-knows-no-client',
      comment: 'A client reaches a broker by bytes only, also in one process and in the page.',
      severity: 'error',
      from: { path: '^src/broker/' },
      to: { path: '^src/(clients|producer|consumer|admin)/' },
    },
    {
      name: 'src-knows-no-chapter-and-no-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(lab|chapters|docs|test|scripts)/' },
    },
    {
      name: 'lab-knows-no-chapter-and-no-page',
      comment: 'Chapters and pages bring their scenarios to the lab.',
      severity: 'error',
      from: { path: '^lab/' },
      to: { path: '^(chapters|docs|test|scripts)/' },
    },
    {
      name: 'platform-is-entered-by-its-subpath',
      comment: "Only '#platform' chooses between Node and the browser; the CLI runs on Node alone.",
      severity: 'error',
      from: { path: '^src/(?!platform/|cli/)' },
      to: { path: '^src/platform/(node|browser)/', dependencyTypesNot: ['aliased-subpath-import'] },
    },
    {
      name: 'node-builtins-only-in-platform',
      severity: 'error',
      from: { path: '^src/(?!platform/node/)' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { pathNot: '\\.d\\.ts$' },
      to: { circular: true, pathNot: '\\.d\\.ts$' },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      // What a plugin of the site makes while it builds.
      to: { couldNotResolve: true, pathNot: '^virtual:' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
}
