/** `npm run sbom`: writes sbom.cdx.json, the software bill of materials of the service. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { readArguments } from './arguments.ts'
import { keepProductionPackages } from './distribution/bill-of-materials.ts'
import { reportFailure } from './failure.ts'

const help = `npm run sbom -- [FILE]    write the software bill of materials (CycloneDX)
                          of the production packages; to sbom.cdx.json,
                          unless FILE says otherwise
`
const maxBytes = 64 * 1024 * 1024

try {
  const { values, positionals } = readArguments({ options: { help: { type: 'boolean', default: false } }, allowPositionals: true })
  if (positionals.length > 1) throw new Error('give one FILE at most')
  if (values.help) process.stdout.write(help)
  else {
    const complete = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application'], {
      encoding: 'utf8',
      maxBuffer: maxBytes,
    })
    await writeFile(positionals[0] ?? 'sbom.cdx.json', `${keepProductionPackages(complete, '.')}\n`)
  }
} catch (error) {
  reportFailure('sbom', error)
}
