/** The Terraform module in architect/terraform: what it creates, and that it contains no copy of a template. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { convertFiles, parse } from '@cdktn/hcl2json'
import t from 'tap'
import { dataActionFiles } from '../../src/architect/data-actions.ts'

const folder = fileURLToPath(new URL('../../architect/terraform/', import.meta.url))
const text = readdirSync(folder)
  .filter((name) => name.endsWith('.tf'))
  .map((name) => readFileSync(`${folder}${name}`, 'utf8'))
  .join('\n')

type Blocks = Record<string, Array<Record<string, unknown>>>
interface Module {
  variable: Blocks
  resource: Record<string, Blocks>
  locals: Array<Record<string, unknown>>
}
t.test('given the Terraform module', async (t) => {
  const { resource, variable } = (await convertFiles(folder)) as unknown as Module
  const firstResource = (kind: string): Record<string, unknown> => Object.values(resource[kind] ?? {})[0]?.[0] ?? {}

  t.test('when it is parsed, then it is valid HCL, and a module with a mistake is not', async (t) => {
    await t.rejects(parse('main.tf', `${text}\nresource "a" {`))
  })

  t.test('when it is applied, then it creates everything that a flow and the service need', async (t) => {
    t.strictSame(Object.keys(resource).toSorted(), [
      'genesyscloud_auth_role',
      'genesyscloud_flow',
      'genesyscloud_integration',
      'genesyscloud_integration_action',
      'genesyscloud_integration_credential',
      'genesyscloud_integration_custom_auth_action',
      'genesyscloud_oauth_client',
    ])
    t.match(firstResource('genesyscloud_oauth_client'), { authorized_grant_type: 'CLIENT-CREDENTIALS', expose_client_secret: false })
    t.match(firstResource('genesyscloud_integration'), { intended_state: 'ENABLED', integration_type: 'custom-rest-actions' })
  })

  t.test('when it is applied, then the client gets only the permissions that the service uses', async (t) => {
    const policies = firstResource('genesyscloud_auth_role')['permission_policies'] as Array<Record<string, unknown>>
    t.strictSame(
      policies.map(({ domain, entity_name, action_set }) => [domain, entity_name, action_set]),
      [
        [
          'conversation',
          'communication',
          '${concat(["view", "blindTransferAgent", "blindTransferQueue"], var.allow_numbers ? ["blindTransfer"] : [])}',
        ],
        ['conversation', 'callback', ['create']],
        ['routing', 'conversation', ['edit']],
        ['routing', 'queue', ['view']],
        ['routing', 'skill', ['view']],
        ['analytics', 'queueObservation', ['view']],
        ['routing', 'schedule', ['view']],
        ['routing', 'scheduleGroup', ['view']],
        ['routing', 'emergencyGroup', ['view']],
      ],
    )
  })

  t.test('when it is read, then every data action comes from its file, and no template is repeated', async (t) => {
    const loadedFiles = [...text.matchAll(/jsondecode\(file\("\$\{path\.module\}\/\.\.\/([^"]+)"\)\)/g)].map(([, name]) => String(name))
    t.strictSame(loadedFiles.toSorted(), Object.keys(dataActionFiles).toSorted())
    t.notMatch(
      text,
      /[^$]\$\{(input|credentials|rawResult|authResponse)/,
      'a template of the platform is escaped, so that Terraform does not replace it',
    )
  })

  t.test('when it is read, then every variable has a description and is used, and the key is sensitive', async (t) => {
    const main = readFileSync(`${folder}main.tf`, 'utf8')
    for (const [name, [definition]] of Object.entries(variable)) {
      t.type(definition?.['description'], 'string', name)
      t.match(main, new RegExp(`var\\.${name}\\b`), `${name} is used`)
    }
    t.equal(variable['api_key']?.[0]?.['sensitive'], true)
    t.strictSame(
      [...main.matchAll(/var\.(\w+)/g)].map(([, name]) => String(name)).filter((name) => !(name in variable)),
      [],
      'every used variable is declared',
    )
  })
})

const terraform = (...args: string[]) => spawnSync('terraform', args, { encoding: 'utf8', cwd: folder, timeout: 240_000 })
const skipReason = terraform('version').status !== 0 && 'terraform is not installed'

t.test('given the module, when terraform fmt checks it, then nothing needs to change', { skip: skipReason }, async (t) => {
  const { status, stdout } = terraform('fmt', '-check', '-diff', '-recursive')
  t.equal(status, 0, stdout)
})

const validated = skipReason ? undefined : terraform('validate', '-json')
const isProviderMissing = /Missing required provider|provider .* not installed|Could not load plugin/i.test(validated?.stdout ?? '')

t.test(
  'given the module, when terraform validate checks it, then it is valid',
  { skip: skipReason || (isProviderMissing && 'the provider is not installed (terraform init)') },
  async (t) => {
    t.equal(validated?.status, 0, String(validated?.stdout))
  },
)
