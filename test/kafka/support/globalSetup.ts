/**
 * Starts one real broker for the whole run and stops it at the end; tests get both through
 * `inject`.
 */

import { rmSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { bringPrerequisites, MissingPrerequisite, type Prerequisites } from './prerequisites.ts'
import { RealKafka } from './RealKafka.ts'

declare module 'vitest' {
  interface ProvidedContext {
    tools: Prerequisites
    realKafka: string
  }
}

const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const tools = bring()
  const kafka = await RealKafka.start(tools)
  project.provide('tools', tools)
  project.provide('realKafka', kafka.bootstrapServers)
  return async () => {
    await kafka.stop()
    rmSync(tools.workDir, { recursive: true, force: true })
  }
}

const bring = (): Prerequisites => {
  try {
    return bringPrerequisites()
  } catch (error) {
    if (!(error instanceof MissingPrerequisite)) throw error
    process.stderr.write(`\n${error.message}\n`)
    process.exit(1)
  }
}

export { setup }
