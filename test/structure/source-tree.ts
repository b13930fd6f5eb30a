/** The project's files and their imports, read as text: what the structure tests check. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Import {
  from: string
  /** A path from the root of the project, or the name of a package. */
  to: string
  /** Whether type stripping removes the whole statement. `import { type X }` is not removed: it still loads the module. */
  isTypeOnly: boolean
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Every file that would be committed; empty where git is missing or this is not a work tree. */
function listFiles(): string[] {
  try {
    return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .split('\n')
      .filter((file) => file !== '' && existsSync(join(root, file)))
  } catch {
    return []
  }
}

export const files = listFiles()
export const skip = files.length === 0 && 'git is missing, or this is not a git work tree'
export const readText = (file: string): string => readFileSync(join(root, file), 'utf8')
export const isText = (file: string): boolean => !/\.(png|ico|db|gif|svg|woff2)$/.test(file)
export const isFile = (file: string): boolean => files.includes(file)
export const isFolder = (folder: string): boolean => files.some((file) => file.startsWith(`${folder.replace(/\/$/, '')}/`))

/** The TypeScript files of `src/`, declarations aside. */
export const sources = files.filter((file) => /^src\/.*\.ts$/.test(file) && !file.endsWith('.d.ts'))

const statement = /^(?:import|export)\s+(type\s+)?([^'";()=]*?)\s*(?:from\s*)?'([^']+)'|\bimport\(\s*'([^']+)'/gm

/** The imports of a file's text; paths of relative ones count from the folder of `from`. */
export function importsIn(from: string, text: string): Import[] {
  return [...text.matchAll(statement)].map(([, type, , to, dynamic]) => {
    const target = String(to ?? dynamic)
    return { from, to: target.startsWith('.') ? normalize(join(dirname(from), target)) : target, isTypeOnly: type !== undefined }
  })
}

export const imports = sources.flatMap((file) => importsIn(file, readText(file)))
/** The imports of files of the project. */
export const ownImports = imports.filter(({ to }) => to.startsWith('src/') || to.startsWith('../'))

/** Each circle in a graph once, as its nodes in order; the first one again at the end. */
export function findCircles(edges: ReadonlyArray<{ from: string; to: string }>): string[] {
  const next = Map.groupBy(edges, ({ from }) => from)
  const done = new Set<string>()
  const circles = new Set<string>()
  function visit(node: string, path: string[]): void {
    if (path.includes(node)) circles.add([...path.slice(path.indexOf(node)), node].join(' -> '))
    if (done.has(node) || path.includes(node)) return
    for (const { to } of next.get(node) ?? []) visit(to, [...path, node])
    done.add(node)
  }
  for (const node of next.keys()) visit(node, [])
  return [...circles]
}
