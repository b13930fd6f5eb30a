/** `npm run keys`: makes, lists and takes back API keys, and prints a fresh set of settings. */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { config } from 'dotenv'
import { makeKey, parseScopes, scopes } from '../auth/api-key.ts'
import { auditNote } from '../ledger/audit/draft.ts'
import type { AuditDraft } from '../ledger/ledger.ts'
import { withLedger } from './with-ledger.ts'

const help = `npm run keys -- settings                                   print fresh secrets and a key, to paste into .env
npm run keys -- create --scope S [--scope S …] [--label L] [--queue ID …]   make a key; it is shown once
npm run keys -- list                                       list the keys of the ledger
npm run keys -- revoke ID                                  take a key back

Scopes: ${scopes.join(', ')}
--queue restricts the key to transfers into these queues. create, list and revoke need AUDIT_KEY, and DATABASE_URL where it is not the default.
`
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const secret = (): string => randomBytes(32).toString('base64url')

const changed = (status: 'key_created' | 'key_revoked', id: string, detail: AuditDraft['detail'] = {}): AuditDraft =>
  auditNote(status, { caller: id, detail })

const commands: Record<string, (words: string[], options: { scope: string[]; label: string; queue: string[] }) => Promise<void>> = {
  async settings() {
    const { text } = makeKey([...scopes], 'settings', null, Date.now())
    say(
      `LOOP_TOKEN_SECRET=${secret()}\nAUDIT_KEY=${secret()}\nCRM_WEBHOOK_SECRET=whsec_${randomBytes(32).toString('base64')}\nAPI_KEYS=${text}:${scopes.join('+')}`,
    )
  },
  async create(_words, { scope, label, queue }) {
    if (!queue.every((id) => uuid.test(id))) throw new Error('--queue must be the id of a queue (a UUID)')
    const key = makeKey(parseScopes(scope), label, queue.length > 0 ? queue.map((id) => id.toLowerCase()) : null, Date.now())
    await withLedger(async (ledger) => {
      await ledger.addKey(key.kept)
      await ledger.note(changed('key_created', key.kept.id, { scopes: key.kept.scopes.join(' ') }))
    })
    say(
      `${key.text}\n\nScopes: ${key.kept.scopes.join(', ')}. It is not shown again; keep it like a password. To take it back: npm run keys -- revoke ${key.kept.id}`,
    )
  },
  async list() {
    const keys = await withLedger((ledger) => ledger.keys())
    for (const { id, scopes: granted, queues, label, createdAt, revokedAt } of keys)
      say(
        [
          id,
          granted.join('+'),
          queues ? `queues ${queues.join(' ')}` : 'all queues',
          label || '-',
          createdAt,
          revokedAt ? `revoked ${revokedAt}` : 'valid',
        ].join('  '),
      )
    if (keys.length === 0) say('There is no key in the ledger.')
  },
  async revoke([id]) {
    if (!id) throw new Error('revoke needs the id of a key (the middle part of hk_<id>_…)')
    await withLedger(async (ledger) => {
      if (!(await ledger.revokeKey(id))) throw new Error(`there is no valid key ${id}`)
      await ledger.note(changed('key_revoked', id))
    })
    say(`Key ${id} is revoked; a running service refuses it within seconds.`)
  },
}

try {
  config({ quiet: true })
  const {
    values,
    positionals: [name = '', ...words],
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
    await command(words, values)
  }
} catch (error) {
  process.stderr.write(`keys: ${(error as Error).message}\n`)
  process.exitCode = 1
}
