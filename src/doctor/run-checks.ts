/** Everything that the doctor looks at, in order. Nothing here changes a call. */
import { randomUUID } from 'node:crypto'
import { parseSeeds } from '../auth/api-key.ts'
import type { Environment } from '../environment.ts'
import { openLedger } from '../ledger/open.ts'
import { judgeUrl, parseNetworks } from '../webhooks/network-guard.ts'
import { createWebhookSender } from '../webhooks/webhook-sender.ts'
import { secretsOf } from '../webhooks/endpoints.ts'
import { signatureHeaders } from '../webhooks/signature.ts'
import { checkAllowance, checkClock, checkLogin, checkNotifications, otherRegions } from './access.ts'
import { bad, ok, warning, type Finding } from './finding.ts'
import { checkPermissions } from './permissions.ts'
import { checkQueue, checkSkill } from './places.ts'
import { openLine } from './platform-line.ts'

export interface Wishes {
  queues: string[]
  skills: string[]
  /** Send each webhook endpoint a test event. */
  webhook: boolean
  /** Show the credentials to the other regions where this one does not accept them. */
  findRegion: boolean
}

/** 128 bits in any encoding have at least this. */
const strongLength = 22
const strongVariety = 10

function checkSecret(name: 'LOOP_TOKEN_SECRET' | 'AUDIT_KEY', { [name]: value }: Environment): Finding {
  const strong = value.length >= strongLength && new Set(value).size >= strongVariety
  return strong ? ok(name, 'strong enough.') : warning(name, 'it could be guessed.', 'take one from "npm run keys -- settings".')
}

async function checkLedger({ DATABASE_URL, AUDIT_KEY, API_KEYS }: Environment): Promise<Finding[]> {
  try {
    const ledger = await openLedger(DATABASE_URL, { auditKey: AUDIT_KEY })
    try {
      await ledger.probe()
      const keys = [...parseSeeds(API_KEYS, Date.now()), ...(await ledger.keys())].filter(({ revokedAt }) => revokedAt === null)
      return [
        ok('ledger', 'it can be written.'),
        keys.length > 0
          ? ok('API keys', `${keys.length} valid.`)
          : bad('API keys', 'there is none.', 'npm run keys -- create --scope transfers:write'),
      ]
    } finally {
      await ledger.close()
    }
  } catch (error) {
    return [bad('ledger', (error as Error).message, 'see DATABASE_URL and API_KEYS, the folder’s rights, the disk.')]
  }
}

async function checkWebhooks(environment: Environment, send: boolean): Promise<Finding[]> {
  const { CRM_WEBHOOK_URL: urls, CRM_WEBHOOK_SECRET = '', WEBHOOK_ALLOWED_NETWORKS } = environment
  if (urls.length === 0) return [warning('webhook', 'nobody is told.', 'set CRM_WEBHOOK_URL, if somebody should be.')]
  const allowedNetworks = parseNetworks(WEBHOOK_ALLOWED_NETWORKS)
  const secrets = secretsOf(CRM_WEBHOOK_SECRET, urls.length)
  const poster = createWebhookSender({ allowedNetworks })
  const findings = await Promise.all(
    urls.map(async (url, index): Promise<Finding> => {
      const check = `webhook ${new URL(url).origin}`
      const judgement = judgeUrl(url, allowedNetworks)
      if (!judgement.allowed)
        return bad(
          check,
          `the address is refused: ${judgement.why}.`,
          'name its network in WEBHOOK_ALLOWED_NETWORKS, or use a public https address.',
        )
      if (!send) return ok(check, 'the address is allowed; "npm run doctor -- --webhook" sends it a test event.')
      const body = JSON.stringify({
        type: 'webhook.test',
        timestamp: new Date().toISOString(),
        data: { message: 'This is a test of Handoff; no call was moved.' },
      })
      const headers = signatureHeaders(`evt_${randomUUID()}`, Math.floor(Date.now() / 1000), body, secrets[index] ?? [])
      const { outcome, error = outcome } = await poster.post(url, headers, body)
      return outcome === 'delivered'
        ? ok(check, 'it took a test event.')
        : bad(check, `${error}.`, 'see the receiver, its certificate and the way to it.')
    }),
  )
  await poster.close()
  return findings
}

/** @throws Error that names a setting which is not acceptable */
export async function examine(environment: Environment, { queues, skills, webhook, findRegion }: Wishes): Promise<Finding[]> {
  const settings = {
    clientId: environment.GENESYS_CLIENT_ID,
    clientSecret: environment.GENESYS_CLIENT_SECRET,
    environment: environment.GENESYS_ENV,
    gatewayUrl: environment.GENESYS_GATEWAY_URL,
  }
  const findings = [
    checkSecret('LOOP_TOKEN_SECRET', environment),
    checkSecret('AUDIT_KEY', environment),
    ...(await checkLedger(environment)),
  ]
  findings.push(...(await checkWebhooks(environment, webhook)))
  const line = openLine(settings)
  try {
    const access = await checkLogin(line, settings, findRegion && !settings.gatewayUrl ? otherRegions(settings) : [])
    findings.push(access)
    if (access.verdict !== 'ok') return findings
    findings.push(checkClock(line), ...(await checkPermissions(line, { numbers: environment.ALLOWED_NUMBERS.length > 0 })))
    const { DEFAULT_QUEUE_ID, FALLBACK_QUEUE_ID } = environment
    const named: Array<[string, string | undefined]> = [
      ['DEFAULT_QUEUE_ID', DEFAULT_QUEUE_ID],
      ['FALLBACK_QUEUE_ID', FALLBACK_QUEUE_ID],
    ]
    for (const [name, id] of [...named, ...queues.map((id): [string, string] => ['--queue', id])])
      if (id) findings.push(await checkQueue(line, name, id))
    for (const id of skills) findings.push(await checkSkill(line, id))
    if (environment.PICKUP_EVENTS === 'on')
      findings.push(
        await checkNotifications(line, `v2.routing.queues.${DEFAULT_QUEUE_ID ?? queues[0] ?? randomUUID()}.conversations.calls`),
      )
    findings.push(checkAllowance(line, environment.GENESYS_REQUESTS_PER_MINUTE))
    return findings
  } finally {
    await line.close()
  }
}
