/** Which callers may use a route: their API key or token, its scopes and its rate limit. Every refused caller is added to the audit trail (docs/architecture.md#callers). */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { issueToken } from '../auth/access-token.ts'
import { parseSeedKeys, type Scope } from '../auth/api-key.ts'
import { readCredentials } from '../auth/credentials.ts'
import { createKeyDirectory } from '../auth/key-directory.ts'
import { InvalidSetting } from '../environment.ts'
import { createAuditDraft } from '../ledger/audit/draft.ts'
import type { ApiKey } from '../ledger/contract/api-keys.ts'
import { Problem } from '../model/problems.ts'

/**
 * How many refusals per minute are audited for one key, or for one address without a valid key. Further requests get
 * TOO_MANY_REQUESTS and are not audited, so that a stranger cannot fill the ledger.
 */
const auditedRefusalsPerMinute = 120
const minuteMs = 60_000

export interface AuthPluginOptions {
  /** The API_KEYS setting. */
  seedKeys: string
  requestsPerMinute: number
  /** The secret that the signing keys of tokens are derived from. It must be the same on every node. */
  tokenSecret: string
}

export interface Auth {
  /** The key with this text; undefined when it is unknown or revoked. @throws StoreUnavailable */
  findKey(text: string): Promise<ApiKey | undefined>
  /** Issues a token that stands for the key. */
  issueToken(key: ApiKey): Promise<string>
  /** Counts a request of `request.caller`. @throws Problem TOO_MANY_REQUESTS */
  checkRateLimit(request: FastifyRequest): Promise<void>
  /** Adds a refused caller to the audit trail. @throws Problem the given one, or TOO_MANY_REQUESTS after too many refusals */
  rejectAndAudit(request: FastifyRequest, problem: Problem): Promise<never>
}

function readSeedKeys(setting: string): ApiKey[] {
  try {
    return parseSeedKeys(setting, Date.now())
  } catch (error) {
    throw new InvalidSetting('API_KEYS', (error as Error).message)
  }
}

async function authPlugin(app: FastifyInstance, { seedKeys, requestsPerMinute, tokenSecret }: AuthPluginOptions): Promise<void> {
  const keyDirectory = createKeyDirectory({
    seedKeys: readSeedKeys(seedKeys),
    listApiKeys: () => app.ledger.listApiKeys(),
    tokenSecret,
    clock: Date.now,
  })
  if (!(await keyDirectory.hasValidKey())) {
    throw new InvalidSetting(
      'API_KEYS',
      'there is no API key yet: make one with "npm run keys -- create --scope transfers:write --scope transfers:read"',
    )
  }

  await app.register(rateLimit, { global: false })
  const countRequest = app.createRateLimit({
    max: requestsPerMinute,
    timeWindow: minuteMs,
    keyGenerator: ({ caller }) => `caller ${caller?.id}`,
  })
  const countRefusal = app.createRateLimit({
    max: auditedRefusalsPerMinute,
    timeWindow: minuteMs,
    keyGenerator: ({ caller, ip }) => (caller ? `refused ${caller.id}` : `unknown ${ip}`),
  })
  async function checkLimit(count: typeof countRequest, request: FastifyRequest): Promise<void> {
    const limit = await count(request)
    if (!limit.isAllowed && limit.isExceeded)
      throw new Problem('TOO_MANY_REQUESTS', 'Too many requests in this minute.', { retryAfterSeconds: limit.ttlInSeconds })
  }

  const checkRateLimit = (request: FastifyRequest): Promise<void> => checkLimit(countRequest, request)

  async function rejectAndAudit(request: FastifyRequest, problem: Problem): Promise<never> {
    await checkLimit(countRefusal, request)
    const draft = createAuditDraft('caller_refused', {
      code: problem.code,
      caller: request.caller?.id ?? null,
      detail: { method: request.method, route: request.routeOptions.url ?? null },
    })
    // The caller is refused whether or not the ledger can be written.
    await app.ledger.appendAudit(draft).catch((error: unknown) => app.log.error({ err: error }, 'a refused caller could not be audited'))
    throw problem
  }

  app.decorate('auth', {
    findKey: (text) => keyDirectory.findKey(text),
    issueToken: (key) => issueToken(key, tokenSecret, Date.now()),
    checkRateLimit,
    rejectAndAudit,
  })
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request) => {
    const allowedScopes = request.routeOptions.config.scopes
    if (!allowedScopes) return
    const credentials = readCredentials(request.headers)
    if (!credentials) {
      const detail = 'Send a key or a token as Authorization: Bearer, or a key as X-API-Key or as the password of Basic.'
      return rejectAndAudit(request, new Problem('UNAUTHENTICATED', detail))
    }
    const key = await keyDirectory.findKeyByCredentials(credentials)
    if (!key) return rejectAndAudit(request, new Problem('UNAUTHENTICATED', 'This key or token is unknown, expired or revoked.'))
    request.caller = key
    if (!allowedScopes.some((scope) => key.scopes.includes(scope)))
      return rejectAndAudit(request, new Problem('FORBIDDEN', `The key lacks the scope ${allowedScopes.join(' or ')}.`))
    await checkRateLimit(request)
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    auth: Auth
  }
  interface FastifyRequest {
    /** The key that the request was sent with, or whose token it was sent with. Only routes with `config.scopes` have one. */
    caller: ApiKey | undefined
  }
  interface FastifyContextConfig {
    /** The caller needs one of these scopes. A route without scopes is open to everyone. */
    scopes?: readonly Scope[]
  }
}
export default fp(authPlugin, { name: 'auth', dependencies: ['ledger'], fastify: '5.x' })
