/** THIRD_PARTY_LICENSES.txt is what `npm run licenses` writes, the image has it, and every license may be distributed with the service. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { formatThirdPartyLicenses } from '../../src/commands/distribution/third-party-licenses.ts'
import { projectRoot } from '../commands/run-command.ts'

const read = (file: string): string => readFileSync(join(projectRoot, file), 'utf8')
const text = read('THIRD_PARTY_LICENSES.txt')

t.test('given the production packages, then the committed file lists them as they are (npm run licenses)', async (t) => {
  t.ok(text === formatThirdPartyLicenses(projectRoot), 'the file is up to date')
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  for (const name of Object.keys(dependencies)) t.ok(text.includes(`\n${name} `), name)
  t.notMatch(text, /^(tap|typescript) \d/m, 'development tools are not distributed')
})

t.test('given each of them, then its license asks for nothing but its text', async (t) => {
  const licenses = new Set([...text.matchAll(/^\S+ \d\S*: (\S+)/gm)].map(([, license]) => String(license)))
  const permissive = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'])
  t.ok(licenses.size > 3, 'the list was read')
  t.strictSame(
    [...licenses].filter((license) => !permissive.has(license)),
    [],
  )
})

t.test('given the image, then it has the licenses, and says what it is', async (t) => {
  const dockerfile = read('Dockerfile')
  t.match(dockerfile, /^COPY .*LICENSE THIRD_PARTY_LICENSES\.txt/m)
  for (const label of ['title', 'description', 'licenses', 'version', 'revision'])
    t.match(dockerfile, `org.opencontainers.image.${label}=`, label)
  const { description, license } = JSON.parse(read('package.json')) as { description: string; license: string }
  t.match(dockerfile, `org.opencontainers.image.description="${description}"`)
  t.match(dockerfile, `org.opencontainers.image.licenses="${license}"`)
})
