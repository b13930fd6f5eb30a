/** `npm run sbom` lists what the service is distributed with. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readProductionPackages } from '../../src/commands/distribution/production-packages.ts'
import { projectRoot, runNpmScript } from '../commands/run-command.ts'

const { dependencies, version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
  version: string
}

t.test(
  'given npm run sbom, then it lists every production package in CycloneDX, and no development tool',
  { timeout: 240_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-sbom-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'sbom.json')
    t.match(await runNpmScript('sbom', [file]), { exitCode: 0, stderr: '' })
    const bill = JSON.parse(readFileSync(file, 'utf8')) as {
      components: Array<{ 'bom-ref': string }>
      dependencies: Array<{ ref: string; dependsOn: string[] }>
    }
    t.match(bill, { bomFormat: 'CycloneDX', metadata: { component: { type: 'application', name: 'handoff', version } } })
    const listed = bill.components.map((component) => component['bom-ref'])
    t.strictSame(new Set(listed), new Set(readProductionPackages(projectRoot).map(({ name, version }) => `${name}@${version}`)))
    const own = bill.dependencies.find(({ ref }) => ref === `handoff@${version}`)?.dependsOn.map((ref) => ref.replace(/@[^@]*$/, '')) ?? []
    t.strictSame(
      Object.keys(dependencies).filter((name) => !own.includes(name)),
      [],
    )
  },
)
