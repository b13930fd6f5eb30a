/** `npm run keys`: creates, lists and revokes API keys, and prints new secrets for the settings. */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { config } from 'dotenv'
import { createApiKey, parseScopes, scopes } from '../auth/api-key.ts'
import { createAuditDraft } from '../ledger/audit/draft.ts'
import type { AuditDraft } from '../ledger/contract/audit.ts'
import { isUuid } from '../model/patterns.ts'
import { withLedger } from './with-ledger.ts'

const help = `npm run keys -- settings               print new secrets and a key, for .env
npm run keys -- create --scope SCOPE   create a key; it is shown only once
               [--scope SCOPE …] [--label LABEL] [--queue ID …]
npm run keys -- list                   list the keys in the ledger
npm run keys -- revoke ID              revoke a key

Scopes:
  ${scopes.join(', ')}
With --queue the key may only transfer to these queues.
create, list and revoke need AUDIT_KEY, and DATABASE_URL if it is not the
default.
`
const print = (text: string): void => void process.stdout.write(`${text}\n`)
const createSecret = (): string => randomBytes(32).toString('base64url')

const createKeyAudit = (status: 'key_created' | 'key_revoked', keyId: string, detail: AuditDraft['detail'] = {}): AuditDraft =>
  createAuditDraft(status, { caller: keyId, detail })

interface Options {
  scope: string[]
  label: string
  queue: string[]
}

const commands: Readonly<Record<string, (args: string[], options: Options) => Promise<void>>> = {
  async settings() {
    const { text } = createApiKey([...scopes], 'settings', null, Date.now())
    print(
      [
        `LOOP_TOKEN_SECRET=${createSecret()}`,
        `AUDIT_KEY=${createSecret()}`,
        `CRM_WEBHOOK_SECRET=whsec_${randomBytes(32).toString('base64')}`,
        `API_KEYS=${text}:${scopes.join('+')}`,
      ].join('\n'),
    )
  },
  async create(_args, { scope, label, queue }) {
    if (!queue.every(isUuid)) throw new Error('--queue must be the id of a queue (a UUID)')
    const queues = queue.length > 0 ? queue.map((id) => id.toLowerCase()) : null
    const { text, stored } = createApiKey(parseScopes(scope), label, queues, Date.now())
    await withLedger(async (ledger) => {
      await ledger.addApiKey(stored)
      await ledger.appendAudit(createKeyAudit('key_created', stored.id, { scopes: stored.scopes.join(' ') }))
    })
    print(
      `${text}\n\nScopes: ${stored.scopes.join(', ')}. It is not shown again; keep it like a password. To revoke it: npm run keys -- revoke ${stored.id}`,
    )
  },
  async list() {
    const keys = await withLedger((ledger) => ledger.listApiKeys())
    for (const { id, scopes: granted, queues, label, createdAt, revokedAt } of keys)
      print(
        [
          id,
          granted.join('+'),
          queues ? `queues ${queues.join(' ')}` : 'all queues',
          label || '-',
          createdAt,
          revokedAt ? `revoked ${revokedAt}` : 'valid',
        ].join('  '),
      )
    if (keys.length === 0) print('There is no key in the ledger.')
  },
  async revoke([id]) {
    if (!id) throw new Error('revoke needs the id of a key (the middle part of hk_<id>_…)')
    await withLedger(async (ledger) => {
      if (!(await ledger.revokeApiKey(id))) throw new Error(`there is no valid key ${id}`)
      await ledger.appendAudit(createKeyAudit('key_revoked', id))
    })
    print(`Key ${id} is revoked; a running service refuses it within seconds.`)
  },
}

try {
  config({ quiet: true })
  const {
    values,
    positionals: [name = '', ...args],
  } = parseArgs({
    allowPositionals: true,
    options: {
      scope: { type: 'string', multiple: true, default: [] },
      label: { type: 'string', default: '' },
      queue: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  })
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (values.help || !command) {
    process[values.help ? 'stdout' : 'stderr'].write(help)
    process.exitCode = values.help ? 0 : 1
  } else {
    await command(args, values)
  }
} catch (error) {
  process.stderr.write(`keys: ${(error as Error).message}\n`)
  process.exitCode = 1
}
