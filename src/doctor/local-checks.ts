/** The checks that need no platform: secrets, ledger, API keys and proxy. */
import { parseSeedKeys } from '../auth/api-key.ts'
import type { Environment } from '../environment.ts'
import { openLedgerForWriting } from '../ledger/open-for-writing.ts'
import { createFailure, createPass, createWarning, type CheckResult } from './check-result.ts'

/** 128 random bits have at least this length in base64 or hex, and almost always this many different characters. */
const minSecretLength = 22
const minDifferentCharacters = 10

/** Whether a secret looks random and long enough. */
export function checkSecret(name: 'LOOP_TOKEN_SECRET' | 'AUDIT_KEY', { [name]: secret }: Environment): CheckResult {
  const isStrong = secret.length >= minSecretLength && new Set(secret).size >= minDifferentCharacters
  return isStrong
    ? createPass(name, 'strong enough.')
    : createWarning(name, 'it could be guessed.', 'take one from "npm run keys -- settings".')
}

/** Whether the ledger can be written, and whether a valid API key exists. */
export async function checkLedger({ DATABASE_URL, AUDIT_KEY, AUDIT_KEY_PREVIOUS, API_KEYS }: Environment): Promise<CheckResult[]> {
  try {
    const ledger = await openLedgerForWriting(DATABASE_URL, { auditKey: AUDIT_KEY, previousAuditKeys: AUDIT_KEY_PREVIOUS })
    try {
      await ledger.checkWritable()
      const keys = [...parseSeedKeys(API_KEYS, Date.now()), ...(await ledger.listApiKeys())]
      const validCount = keys.filter(({ revokedAt }) => revokedAt === null).length
      return [
        createPass('ledger', 'it can be written.'),
        validCount > 0
          ? createPass('API keys', `${validCount} valid.`)
          : createFailure('API keys', 'there is none.', 'npm run keys -- create --scope transfers:write'),
      ]
    } finally {
      await ledger.close()
    }
  } catch (error) {
    return [createFailure('ledger', (error as Error).message, "check DATABASE_URL and API_KEYS, the folder's permissions and the disk.")]
  }
}

/** Which outbound proxy is used; an empty list if none is. */
export function checkProxy({ HTTPS_PROXY, HTTP_PROXY, NO_PROXY }: Environment): CheckResult[] {
  const describe = (proxy: URL | undefined) => (proxy ? `through ${proxy.host}` : 'directly')
  if (!HTTPS_PROXY && !HTTP_PROXY) return []
  const exceptions = NO_PROXY ? `; directly to ${NO_PROXY}` : ''
  return [createPass('proxy', `https goes ${describe(HTTPS_PROXY ?? HTTP_PROXY)}, plain http ${describe(HTTP_PROXY)}${exceptions}.`)]
}
