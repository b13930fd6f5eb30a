/** Who may ask: API keys and tokens for them, a limit for each key, and a note in the audit trail of everybody who was turned away (design §10). */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { idOf, matches, parseSeeds, type Scope } from '../auth/api-key.ts'
import { isToken, readCredentials } from '../auth/credentials.ts'
import { issueToken, keyOfToken } from '../auth/access-token.ts'
import { InvalidSetting } from '../environment.ts'
import { auditNote } from '../ledger/audit/draft.ts'
import type { ApiKey } from '../ledger/ledger.ts'
import { Problem } from '../model/problems.ts'

/** A key that was taken back is refused after this long at the latest, ms. */
const rereadMs = 3_000
/** Refusals of one address without a valid key, or of one key without the scope, in a minute: beyond it they are not even written down. */
const refusalsPerMinute = 120

export interface AuthPluginOptions {
  /** The API_KEYS setting. */
  seeds: string
  requestsPerMinute: number
  /** The keys that tokens are signed with are derived from it; the same on every node. */
  tokenSecret: string
}

export interface Auth {
  /** The key that this text is; undefined for one that is not known or was taken back. */
  keyOf(text: string): Promise<ApiKey | undefined>
  /** A token that stands for the key (callers/token.ts). */
  tokenFor(key: ApiKey): Promise<string>
  /** From here on the request is the key's. @throws Problem TOO_MANY_REQUESTS */
  checkRateLimit(request: FastifyRequest, key: ApiKey): Promise<void>
  /** Notes a refusal, and throws it; or TOO_MANY_REQUESTS where there were too many. */
  rejectAndAudit(request: FastifyRequest, problem: Problem): Promise<never>
}

async function authPlugin(app: FastifyInstance, { seeds, requestsPerMinute, tokenSecret }: AuthPluginOptions): Promise<void> {
  const seeded = readSeeds(seeds)
  let known = new Map<string, ApiKey>()
  let readAt = -Infinity
  async function keys(): Promise<Map<string, ApiKey>> {
    if (Date.now() - readAt > rereadMs) {
      known = new Map([...seeded, ...(await app.ledger.keys())].map((key) => [key.id, key]))
      readAt = Date.now()
    }
    return known
  }
  if (![...(await keys()).values()].some((key) => key.revokedAt === null)) {
    throw new InvalidSetting(
      'API_KEYS',
      'there is no API key yet: make one with "npm run keys -- create --scope transfers:write --scope transfers:read"',
    )
  }

  await app.register(rateLimit, { global: false })
  const callerLimit = app.createRateLimit({
    max: requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => `caller ${request.caller?.id}`,
  })
  const refusalLimit = app.createRateLimit({
    max: refusalsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => (request.caller ? `refused ${request.caller.id}` : `stranger ${request.ip}`),
  })
  const tooMany = (seconds: number): Problem =>
    new Problem('TOO_MANY_REQUESTS', 'Too many requests in this minute.', { retryAfterSeconds: seconds })

  async function rejectAndAudit(request: FastifyRequest, problem: Problem): Promise<never> {
    const limit = await refusalLimit(request)
    if (!limit.isAllowed && limit.isExceeded) throw tooMany(limit.ttlInSeconds)
    const noted = app.ledger.note(
      auditNote('caller_refused', {
        code: problem.code,
        caller: request.caller?.id ?? null,
        detail: { method: request.method, route: request.routeOptions.url ?? null },
      }),
    )
    // A refusal stands, whether or not it can be written down.
    await noted.catch((error: unknown) => app.log.error({ err: error }, 'a refused caller could not be noted'))
    throw problem
  }

  const keyOf = async (text: string): Promise<ApiKey | undefined> => {
    const key = (await keys()).get(idOf(text) ?? '')
    return key && matches(text, key) ? key : undefined
  }
  async function recognised({ text, mayBeToken }: NonNullable<ReturnType<typeof readCredentials>>): Promise<ApiKey | undefined> {
    return mayBeToken && isToken(text) ? keyOfToken(text, { keys: await keys(), secret: tokenSecret, now: Date.now() }) : keyOf(text)
  }
  async function admit(request: FastifyRequest, key: ApiKey): Promise<void> {
    request.caller = key
    const limit = await callerLimit(request)
    if (!limit.isAllowed && limit.isExceeded) throw tooMany(limit.ttlInSeconds)
  }
  app.decorate('auth', { keyOf, tokenFor: (key) => issueToken(key, tokenSecret, Date.now()), checkRateLimit: admit, rejectAndAudit })
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request) => {
    const wanted = request.routeOptions.config.scopes
    if (!wanted) return
    const shown = readCredentials(request.headers)
    const key = shown && (await recognised(shown))
    if (!key)
      return rejectAndAudit(
        request,
        new Problem(
          'UNAUTHENTICATED',
          shown
            ? 'This key or token is not known, is over, or was taken back.'
            : 'Send a key or a token as Authorization: Bearer, or a key as X-API-Key or as the password of Basic.',
        ),
      )
    request.caller = key
    if (!wanted.some((scope) => key.scopes.includes(scope)))
      return rejectAndAudit(request, new Problem('FORBIDDEN', `The key lacks the scope ${wanted.join(' or ')}.`))
    await admit(request, key)
  })
}

function readSeeds(seeds: string): ApiKey[] {
  try {
    return parseSeeds(seeds, Date.now())
  } catch (error) {
    throw new InvalidSetting('API_KEYS', (error as Error).message)
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    auth: Auth
  }
  interface FastifyRequest {
    /** The key that the request came with, or whose token it came with; set on routes that ask for scopes. */
    caller: ApiKey | undefined
  }
  interface FastifyContextConfig {
    /** Scopes of which the caller needs one. Absent: anybody may ask. */
    scopes?: readonly Scope[]
  }
}
export default fp(authPlugin, { name: 'auth', dependencies: ['ledger', 'problem-details'], fastify: '5.x' })
