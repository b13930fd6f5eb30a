/** The licenses of the packages that the service is distributed with, as one text. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readProductionPackages, type ProductionPackage } from './production-packages.ts'

const licenseFile = /^(licen[cs]e|copying|notice)/i
const separator = '-'.repeat(80)
const heading = `Packages by others that Handoff is distributed with, and their licenses.
Written by "npm run licenses". Node.js has its own file.
`

/** The texts that come with a package; empty if none does. */
function readTexts(folder: string): string {
  const files = readdirSync(folder).filter((file) => licenseFile.test(file))
  return files
    .toSorted()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n')
}

/**
 * Formats the list of packages, and each license text once, with the packages that it belongs to.
 * @param folder the project, with its packages installed
 */
export function formatThirdPartyLicenses(folder: string): string {
  const packages = readProductionPackages(folder).map((each) => ({ ...each, text: readTexts(join(folder, each.path)) }))
  const nameOf = ({ name, version }: ProductionPackage): string => `${name} ${version}`
  const list = packages.map((each) => `${nameOf(each)}: ${each.license}${each.text === '' ? ' (the package has no text)' : ''}`)
  const users = Map.groupBy(
    packages.filter(({ text }) => text !== ''),
    ({ text }) => text,
  )
  const sections = [...users].map(([text, sharing]) => `${separator}\n${sharing.map(nameOf).join('\n')}\n${separator}\n\n${text}\n`)
  return [heading, `${list.join('\n')}\n`, ...sections].join('\n')
}
