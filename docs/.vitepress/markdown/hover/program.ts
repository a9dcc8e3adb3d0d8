/**
 * TypeScript's view of the repository: one language service for the whole site.
 *
 * It is made when the first listing is not in the cache, takes about a second, and then answers for
 * every file. A changed file is read again; what did not change stays as it is.
 */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface Program {
  readonly service: ts.LanguageService
  readonly checker: ts.TypeChecker
  readonly source: ts.SourceFile
}

export class Programs {
  private readonly root: string
  private readonly paths: () => readonly string[]
  private readonly versions = new Map<string, number>()
  private version = 0
  private service: ts.LanguageService | null = null

  /** @param paths the files whose listings may be asked for, from the root */
  constructor(root: string, paths: () => readonly string[]) {
    this.root = root
    this.paths = paths
  }

  /** The program as the files are now, with `path` in it. */
  with(path: string): Program {
    this.lookForChanges()
    const service = (this.service ??= ts.createLanguageService(this.host()))
    const program = service.getProgram()
    const source = program?.getSourceFile(join(this.root, path))
    if (program === undefined || source === undefined) throw new Error(`${path} has no types`)
    return { service, checker: program.getTypeChecker(), source }
  }

  /** One look at all files, so that the service need not look before each answer. */
  private lookForChanges(): void {
    for (const path of this.paths()) {
      const file = join(this.root, path)
      const changedMs = statSync(file).mtimeMs
      if (this.versions.get(file) === changedMs) continue
      this.versions.set(file, changedMs)
      this.version++
    }
  }

  private host(): ts.LanguageServiceHost {
    const options = compilerOptions(join(this.root, 'tsconfig.json'))
    return {
      getProjectVersion: () => String(this.version),
      getScriptFileNames: () => this.paths().map((path) => join(this.root, path)),
      getScriptVersion: (file) => String(this.versions.get(file) ?? 0),
      getScriptSnapshot: (file) => {
        const text = ts.sys.readFile(file)
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
      },
      getCurrentDirectory: () => this.root,
      getCompilationSettings: () => options,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
      ...(ts.sys.realpath === undefined ? {} : { realpath: ts.sys.realpath }),
    }
  }
}

const compilerOptions = (file: string): ts.CompilerOptions => {
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile)
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'))
  const { incremental, tsBuildInfoFile, ...options } = ts.convertCompilerOptionsFromJson(
    config.compilerOptions,
    join(file, '..'),
  ).options
  return options
}
