/** Where the API reference lies. Apart from its writer, which loads TypeDoc. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const API_FOLDER = fileURLToPath(new URL('../../docs/api', import.meta.url))

export const hasApi = (): boolean => existsSync(`${API_FOLDER}/index.md`)
