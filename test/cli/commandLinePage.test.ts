/**
 * The sessions of `docs/use/command-line.md`, run from the first to the last at an embedded cluster
 * on virtual time.
 *
 *     ```console                   $ a command, and what it prints, output and errors together;
 *                                  a command that ends with \ goes on in the next line
 *     ```console background        runs on beside those that follow; compared when it has ended
 *     ```console stops-background  Ctrl-C for that one first
 *
 * `…` stands for whatever is there, and spaces at the end of a line do not count.
 */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import type { Environment } from '../../src/network/Environment.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { type CliRun, startCli } from './runCli.ts'

const PAGE = new URL('../../docs/use/command-line.md', import.meta.url)
/** For a group to come together, and for its first commit. */
const SETTLE_MS = 15_000

interface Session {
  readonly kind: string
  readonly command: string
  readonly prints: readonly string[]
}

const sessions = (): Session[] =>
  Array.from(
    readFileSync(PAGE, 'utf8').matchAll(/^```console ?(.*)\n([\s\S]*?)^```$/gm),
    ([, kind, body]) =>
      body!
        .split(/^\$ /m)
        .slice(1)
        .map((run, i) => {
          const [command, ...prints] = run
            .replace(/ \\\n */g, ' ')
            .trimEnd()
            .split('\n')
          return { kind: i === 0 ? kind! : '', command: command!, prints }
        }),
  ).flat()

/** `printf 'lines' | annotated-kafka …`, as a shell would take it apart. */
const start = (line: string, environment: Environment): CliRun => {
  const [, lines, command] = /^(?:printf '([^']*)' \| )?annotated-kafka (.*)$/.exec(line)!
  const input = lines?.split('\\n').slice(0, -1) ?? []
  return startCli(command!.split(' '), { environment, input })
}

const matching = (lines: readonly string[]): RegExp => {
  const escaped = lines.map((line) =>
    line
      .trimEnd()
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      // What is elided has a width of its own, and with it its column.
      .replace(/… */g, '\\S* *')
      .replace(/CONSUMER-ID +/, 'CONSUMER-ID +'),
  )
  return new RegExp(`^${escaped.join('\\s*?\\n')}\\s*$`)
}

test('every session of the page prints what the page shows', async () => {
  const world = new SimulatedWorld({ seed: 1 })
  await world.run(async () => {
    // Where `annotated-kafka broker` listens, and what it calls itself; `localhost` leads there.
    const environment = world.environment('127.0.0.1')
    const cluster = await EmbeddedCluster.start({
      host: '127.0.0.1',
      ports: [9092],
      environment,
      config: { 'offsets.topic.num.partitions': '1' },
    })
    let background: (CliRun & { readonly session: Session }) | null = null
    const stopBackground = async (): Promise<void> => {
      background!.interrupt()
      const { command, prints } = background!.session
      expect((await background!.ended).all, command).toMatch(matching(prints))
      background = null
    }
    for (const session of sessions()) {
      if (session.kind === 'stops-background') await stopBackground()
      const run = start(session.command, environment)
      if (session.kind === 'background') {
        background = { ...run, session }
        await world.simulation.sleep(SETTLE_MS)
      } else {
        expect((await run.ended).all, session.command).toMatch(matching(session.prints))
      }
    }
    expect(background).toBeNull()
    await cluster.close()
  })
})
