/** The files of the console: its own in src/console/, and the packages that it uses. Each is read once, when a browser first asks for it. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ConsoleFile {
  content: Buffer
  contentType: string
  /** The ETag: a hash of the content. */
  tag: string
}

/** The folder of the console's own files. */
export const consoleFolder = fileURLToPath(new URL('../../console/', import.meta.url))

const packageFile = (specifier: string, path: string): string => join(dirname(fileURLToPath(import.meta.resolve(specifier))), path)

/** The packages, by the name that modules import them by: the address below /console/, and the file. */
export const packages: Readonly<Record<string, { address: string; file: () => string }>> = {
  preact: { address: 'packages/preact.js', file: () => packageFile('preact', 'preact.mjs') },
  'preact/hooks': { address: 'packages/hooks.js', file: () => packageFile('preact/hooks', 'hooks.mjs') },
  htm: { address: 'packages/htm.js', file: () => packageFile('htm', 'htm.mjs') },
}

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The addresses of all files below /console/, each with the file to read. Only these exist, so no address can leave the folder. */
function listFiles(): Map<string, string> {
  const own = readdirSync(consoleFolder, { recursive: true, encoding: 'utf8' }).filter((name) => contentTypes[extname(name)])
  return new Map([
    ...own.map((name): [string, string] => [name.replaceAll('\\', '/'), join(consoleFolder, name)]),
    ...Object.values(packages).map(({ address, file }): [string, string] => [address, file()]),
  ])
}

let paths: Map<string, string> | undefined
const files = new Map<string, ConsoleFile>()

/** A file as it is sent. */
export function asConsoleFile(content: Buffer, contentType: string): ConsoleFile {
  return { content, contentType, tag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"` }
}

/** The file at an address below /console/; undefined if there is none. */
export function readConsoleFile(address: string): ConsoleFile | undefined {
  paths ??= listFiles()
  const path = paths.get(address)
  if (path === undefined) return undefined
  const file = files.get(address) ?? asConsoleFile(readFileSync(path), String(contentTypes[extname(address)]))
  files.set(address, file)
  return file
}
