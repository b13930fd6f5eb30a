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
t.test('the Terraform module', async (t) => {
  const { resource, variable } = (await convertFiles(folder)) as unknown as Module
  const only = (kind: string): Record<string, unknown> => Object.values(resource[kind] ?? {})[0]?.[0] ?? {}

  t.test('is HCL, which a file with a mistake is not', async (t) => {
    await t.rejects(parse('main.tf', `${text}\nresource "a" {`))
  })

  t.test('makes everything that a flow and the service need', async (t) => {
    t.strictSame(Object.keys(resource).toSorted(), [
      'genesyscloud_auth_role',
      'genesyscloud_flow',
      'genesyscloud_integration',
      'genesyscloud_integration_action',
      'genesyscloud_integration_credential',
      'genesyscloud_integration_custom_auth_action',
      'genesyscloud_oauth_client',
    ])
    t.match(only('genesyscloud_oauth_client'), { authorized_grant_type: 'CLIENT-CREDENTIALS', expose_client_secret: false })
    t.match(only('genesyscloud_integration'), { intended_state: 'ENABLED', integration_type: 'custom-rest-actions' })
  })

  t.test('gives the client no permission that the service does not use', async (t) => {
    const policies = only('genesyscloud_auth_role')['permission_policies'] as Array<Record<string, unknown>>
    t.strictSame(
      policies.map(({ domain, entity_name, action_set }) => [domain, entity_name, action_set]),
      [
        [
          'conversation',
          'communication',
          '${concat(["view", "blindTransferAgent", "blindTransferQueue"], var.allow_numbers ? ["blindTransfer"] : [])}',
        ],
        ['routing', 'conversation', ['edit']],
        ['routing', 'queue', ['view']],
        ['routing', 'skill', ['view']],
      ],
    )
  })

  t.test('reads every data action from its file, so that no template is typed a second time', async (t) => {
    const loaded = [...text.matchAll(/jsondecode\(file\("\$\{path\.module\}\/\.\.\/([^"]+)"\)\)/g)].map(([, name]) => String(name))
    t.strictSame(loaded.toSorted(), Object.keys(dataActionFiles).toSorted())
    t.notMatch(text, /[^$]\$\{(input|credentials|rawResult|authResponse)/, 'a template of the platform is none of Terraform')
  })

  t.test('describes every variable, keeps the key out of sight, and has no variable that nothing uses', async (t) => {
    const body = readFileSync(`${folder}main.tf`, 'utf8')
    for (const [name, [one]] of Object.entries(variable)) {
      t.type(one?.['description'], 'string', name)
      t.match(body, new RegExp(`var\\.${name}\\b`), `${name} is used`)
    }
    t.equal(variable['api_key']?.[0]?.['sensitive'], true)
    t.strictSame(
      [...body.matchAll(/var\.(\w+)/g)].map(([, name]) => String(name)).filter((name) => !(name in variable)),
      [],
      'every variable that is used is there',
    )
  })
})

const terraform = (...args: string[]) => spawnSync('terraform', args, { encoding: 'utf8', cwd: folder, timeout: 60_000 })
const noTerraform = terraform('version').status !== 0 && 'terraform is not installed'

t.test('terraform fmt has nothing to change', { skip: noTerraform }, async (t) => {
  const { status, stdout } = terraform('fmt', '-check', '-diff', '-recursive')
  t.equal(status, 0, stdout)
})

const validated = noTerraform ? undefined : terraform('validate', '-json')
const noProvider = /Missing required provider|provider .* not installed|Could not load plugin/i.test(validated?.stdout ?? '')

t.test(
  'terraform validate accepts it',
  { skip: noTerraform || (noProvider && 'the provider is not installed (terraform init)') },
  async (t) => {
    t.equal(validated?.status, 0, String(validated?.stdout))
  },
)
