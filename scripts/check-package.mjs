// Installs the packed package into a scratch project outside the repository and does what the README says there.
//
// Every `js` block of the README that imports the package is run by plain Node; publint and attw look at the tarball.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const scratch = mkdtempSync(join(tmpdir(), 'annotated-kafka-package-'))
let failed = 0

const run = (what, command, args, options = {}) => {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000, ...options })
  const ok = result.status === 0
  console.log(`${ok ? 'passed' : 'FAILED'}  ${what}`)
  if (!ok) {
    failed++
    console.log(result.stdout, result.stderr, result.error ?? '')
  }
  return { ok, out: result.stdout ?? '' }
}

const check = (what, ok) => {
  console.log(`${ok ? 'passed' : 'FAILED'}  ${what}`)
  if (!ok) failed++
}

const filesUnder = (dir) =>
  readdirSync(dir).flatMap((name) => {
    const path = join(dir, name)
    return statSync(path).isDirectory() ? filesUnder(path) : [path]
  })

try {
  const pack = run('npm pack', 'npm', ['pack', '--json', '--pack-destination', scratch])
  const tarball = join(scratch, JSON.parse(pack.out)[0].filename)
  run('publint', 'npx', ['publint', '--strict', tarball])
  run('attw', 'npx', ['attw', tarball, '--profile', 'esm-only'])

  const app = join(scratch, 'app')
  run('a scratch project', 'mkdir', [app])
  writeFileSync(join(app, 'package.json'), '{"name":"app","private":true,"type":"module"}')
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball]
  run('npm install of the tarball', 'npm', install, { cwd: app })

  const installed = join(app, 'node_modules/annotated-kafka')
  const files = filesUnder(installed)
  check(
    'nothing of the tests or the sources is packed',
    !files.some((f) => /\.test\.|\/src\//.test(f)),
  )
  const maps = files.filter((f) => f.endsWith('.js.map'))
  check(
    'each JavaScript file has a source map with its source',
    maps.length === files.filter((f) => f.endsWith('.js')).length &&
      maps.every((f) => JSON.parse(readFileSync(f, 'utf8')).sourcesContent?.[0]?.length > 0),
  )

  const blocks = [...readFileSync('README.md', 'utf8').matchAll(/```js\n([\s\S]*?)```/g)]
    .map((match) => match[1])
    .filter((code) => code.includes("'annotated-kafka"))
  check('the README has its two examples', blocks.length === 2)
  for (const [i, code] of blocks.entries()) {
    const file = join(app, `example-${i + 1}.mjs`)
    writeFileSync(file, code)
    const example = run(`README example ${i + 1} runs on plain Node`, 'node', [file], { cwd: app })
    if (example.ok) console.log(example.out.replace(/^/gm, '        '))
  }
  run('the types of the README examples', 'node', [
    resolve('node_modules/typescript/bin/tsc'),
    ...['--ignoreConfig', '--noEmit', '--strict', '--checkJs', '--allowJs', '--target', 'es2023'],
    ...['--module', 'nodenext', '--typeRoots', resolve('node_modules/@types'), '--types', 'node'],
    ...blocks.map((_, i) => join(app, `example-${i + 1}.mjs`)),
  ])
  run('the installed command', join(app, 'node_modules/.bin/annotated-kafka'), [
    'journey',
    'packed',
  ])
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
process.exit(failed === 0 ? 0 : 1)
