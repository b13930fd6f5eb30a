/** `npm run keys`: creates, lists and revokes API keys, and prints new secrets for the settings. */
import { randomBytes } from 'node:crypto'
import { createApiKey, parseScopes, parseSeedKeys, scopes } from '../auth/api-key.ts'
import { readEnvFile } from '../environment/env-file.ts'
import { InvalidSetting } from '../environment/invalid-setting.ts'
import { createAuditDraft } from '../ledger/audit/draft.ts'
import type { AuditDraft } from '../ledger/contract/audit.ts'
import type { ApiKey } from '../ledger/contract/api-keys.ts'
import { epochMs } from '../model/clock.ts'
import { isUuid } from '../model/formats/patterns.ts'
import { readArguments } from './arguments.ts'
import { endWithReader } from './closed-output.ts'
import { reportFailure } from './failure.ts'
import { printSecret } from './private-output.ts'
import { withLedger } from './with-ledger.ts'

const help = `npm run keys -- settings               print new secrets and a key, for .env
               [--missing]             only what .env lacks, for ">> .env"
npm run keys -- create --scope SCOPE   create a key; it is shown only once
               [--scope SCOPE …] [--label LABEL] [--queue ID …]
npm run keys -- list                   list the keys in the ledger and in API_KEYS
npm run keys -- revoke ID              revoke a key

Scopes:
  ${scopes.join(', ')}
With --queue the key may only transfer to these queues, not to agents and numbers,
and sees only transfers that it requested or could have.
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
  missing: boolean
}

function createSettings(): Record<string, string> {
  const { text } = createApiKey({ scopes: [...scopes], label: 'settings', queues: null, now: epochMs() })
  return {
    LOOP_TOKEN_SECRET: createSecret(),
    AUDIT_KEY: createSecret(),
    CRM_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
    API_KEYS: `${text}:${scopes.join('+')}`,
  }
}

function readSeedKeys(setting: string): ApiKey[] {
  try {
    return parseSeedKeys(setting, epochMs())
  } catch (error) {
    throw new InvalidSetting('API_KEYS', (error as Error).message)
  }
}

const formatKey = ({ id, scopes: granted, queues, label, revokedAt }: ApiKey, createdAt: string): string =>
  [
    id,
    granted.join('+'),
    queues ? `queues ${queues.join(' ')}` : 'all queues',
    label || '-',
    createdAt,
    revokedAt ? `revoked ${revokedAt}` : 'valid',
  ].join('  ')

const optionsByCommand: Readonly<Record<string, ReadonlyArray<keyof Options>>> = {
  settings: ['missing'],
  create: ['scope', 'label', 'queue'],
  list: [],
  revoke: [],
}

/** @throws Error for an argument that the command would ignore: a key must not be created without something that was asked for */
function checkArguments(name: string, args: readonly string[], options: Options): void {
  const usedOptions = Object.entries(options).flatMap(([option, value]) => (value === false || value.length === 0 ? [] : [option]))
  const unsupported = usedOptions.find((option) => !optionsByCommand[name]?.includes(option as keyof Options))
  if (unsupported !== undefined) throw new Error(`--${unsupported} is no option of ${name}`)
  if (name === 'revoke' && args.length > 1) throw new Error('revoke takes one key at a time')
  if (name !== 'revoke' && args.length > 0) throw new Error(`${name} takes no argument without an option`)
}

const commands: Readonly<Record<string, (args: string[], options: Options) => Promise<void>>> = {
  async settings(_args, { missing }) {
    const { text: envFile, variables } = missing ? readEnvFile({}) : { text: '', variables: {} as Record<string, string> }
    const lines = Object.entries(createSettings())
      .filter(([name]) => !variables[name])
      .map(([name, value]) => `${name}=${value}`)
    // If the last line of .env has no line break, `>> .env` would append the first setting to that line.
    const gap = /[^\n]$/.test(envFile) ? '\n' : ''
    if (lines.length > 0) printSecret(gap + lines.join('\n'))
    else process.stderr.write('keys: .env lacks none of these settings, so nothing was printed\n')
  },
  async create(_args, { scope, label, queue }) {
    if (!queue.every(isUuid)) throw new Error('--queue must be the id of a queue (a UUID)')
    const queues = queue.length > 0 ? queue.map((id) => id.toLowerCase()) : null
    const { text, stored } = createApiKey({ scopes: parseScopes(scope), label, queues, now: epochMs() })
    await withLedger(async (ledger) => {
      await ledger.addApiKey(stored)
      await ledger.appendAudit(createKeyAudit('key_created', stored.id, { scopes: stored.scopes.join(' ') }))
    })
    printSecret(
      `${text}\n\nScopes: ${stored.scopes.join(', ')}. It is not shown again; keep it like a password. To revoke it: npm run keys -- revoke ${stored.id}`,
    )
  },
  async list() {
    const [keys, seedKeys] = await withLedger(async (ledger, { API_KEYS }) => [await ledger.listApiKeys(), readSeedKeys(API_KEYS)])
    // A stored key is used instead of a key in API_KEYS with the same id.
    const unstored = seedKeys.filter(({ id }) => !keys.some((key) => key.id === id))
    for (const key of keys) print(formatKey(key, key.createdAt))
    for (const key of unstored) print(formatKey(key, '-'))
    if (keys.length + unstored.length === 0) print('There is no key in the ledger, and none in API_KEYS.')
  },
  async revoke([id]) {
    if (!id) throw new Error('revoke needs the id of a key (the middle part of hk_<id>_…)')
    await withLedger(async (ledger, { API_KEYS }) => {
      if (!(await ledger.revokeApiKey(id)))
        throw new Error(
          readSeedKeys(API_KEYS).some((key) => key.id === id)
            ? `key ${id} is in API_KEYS: remove it there and restart the service`
            : `there is no valid key ${id}`,
        )
      await ledger.appendAudit(createKeyAudit('key_revoked', id))
    })
    print(`Key ${id} is revoked; a running service refuses it within seconds.`)
  },
}

endWithReader()
try {
  const {
    values,
    positionals: [name = '', ...args],
  } = readArguments({
    allowPositionals: true,
    options: {
      scope: { type: 'string', multiple: true, default: [] },
      label: { type: 'string', default: '' },
      queue: { type: 'string', multiple: true, default: [] },
      missing: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (values.help || !command) {
    process[values.help ? 'stdout' : 'stderr'].write(help)
    process.exitCode = values.help ? 0 : 1
  } else {
    const { help: _help, ...options } = values
    checkArguments(name, args, options)
    await command(args, options)
  }
} catch (error) {
  reportFailure('keys', error)
}
