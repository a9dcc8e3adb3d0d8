// Types, style and layers, side by side: tools that need nothing from each other. Prints what a tool says when it fails.
import { spawn } from 'node:child_process'

const run = (script) =>
  new Promise((resolve) => {
    const child = spawn('npm', ['run', '-s', script], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text
      })
    }
    child.on('close', (code) => {
      console.log(`${script}: ${code === 0 ? 'passed' : `failed\n${said}`}`)
      resolve(code === 0)
    })
  })

// The site's components have their types checked with the book: `node scripts/check.mjs typecheck:docs typecheck:browser`.
const named = process.argv.slice(2)
const scripts = named.length > 0 ? named : ['typecheck', 'lint', 'layers']
const passed = await Promise.all(scripts.map(run))
process.exit(passed.every(Boolean) ? 0 : 1)
