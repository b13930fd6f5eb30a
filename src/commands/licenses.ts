/** `npm run licenses`: writes THIRD_PARTY_LICENSES.txt from the installed packages; a test fails if it is out of date. */
import { writeFile } from 'node:fs/promises'
import { readArguments } from './arguments.ts'
import { reportFailure } from './failure.ts'
import { formatThirdPartyLicenses } from './distribution/third-party-licenses.ts'

try {
  const { values } = readArguments({ options: { help: { type: 'boolean', default: false } } })
  if (values.help) process.stdout.write('npm run licenses    write THIRD_PARTY_LICENSES.txt from the production packages\n')
  else await writeFile('THIRD_PARTY_LICENSES.txt', formatThirdPartyLicenses('.'))
} catch (error) {
  reportFailure('licenses', error)
}
