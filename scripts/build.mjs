// Builds the package: JavaScript, types, and source maps that carry their sources.
//
// `#platform` is chosen by the root's package.json, which serves the sources and the packed package alike; there it points at
// TypeScript files. The built files import `#platform/built` instead, which points at the JavaScript.
import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

rmSync('dist', { recursive: true, force: true })
const tsc = spawnSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
if (tsc.status !== 0) process.exit(tsc.status ?? 1)

for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  if (!/\.(js|d\.ts)$/.test(entry.name)) continue
  const path = join(entry.parentPath, entry.name)
  const code = readFileSync(path, 'utf8')
  const built = code.replaceAll("from '#platform'", "from '#platform/built'")
  if (built !== code) writeFileSync(path, built)
}
chmodSync('dist/cli/main.js', 0o755)
