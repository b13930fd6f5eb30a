/** Which packages the service is distributed with: those that `npm ci --omit=dev --omit=optional` installs, the same on every machine. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface LockedPackage {
  version: string
  license?: string
  dev?: true
  optional?: true
  link?: true
}

export interface ProductionPackage {
  name: string
  version: string
  /** SPDX expression. */
  license: string
  /** Where it is installed, from the root of the project. */
  path: string
}

const modules = 'node_modules/'

/** Reads package-lock.json. @param folder the project @returns the packages, by name */
export function readProductionPackages(folder: string): ProductionPackage[] {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockedPackage> }
  return Object.entries(packages)
    .filter(([path, { dev, optional, link }]) => path.startsWith(modules) && !dev && !optional && !link)
    .map(([path, { version, license = 'unknown' }]) => ({
      name: path.slice(path.lastIndexOf(modules) + modules.length),
      version,
      license,
      path,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
