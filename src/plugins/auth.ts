/**
 * Decides whether a caller may use a route, by its API key or token, its scopes and its rate limit. Refusals go to the audit trail. A key that
 * is limited to queues is shown its own queues only, and no other queue, agent or number (docs/architecture.md#callers).
 */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { issueToken } from '../auth/access-token.ts'
import { parseSeedKeys, type Scope } from '../auth/api-key.ts'
import { hideOtherPlaces } from '../auth/restriction.ts'
import { readCredentials } from '../auth/credentials.ts'
import { createKeyDirectory } from '../auth/key-directory.ts'
import { createRefusalRecorder, hashSource } from '../auth/refusals.ts'
import { RateLimitStore } from '../auth/rate-limit-store.ts'
import { InvalidSetting } from '../environment.ts'
import { createAuditDraft } from '../ledger/audit/draft.ts'
import type { ApiKey } from '../ledger/contract/api-keys.ts'
import { StoreUnavailable } from '../ledger/contract/errors.ts'
import { Problem } from '../model/problems.ts'
import { epochMs } from '../model/clock.ts'

/**
 * How many refusals per minute name their reason: for each key, or for each address that sends no valid key. After that the reason is always
 * TOO_MANY_REQUESTS, and refusals of the key are no longer audited. Refusals without a valid key are always counted in the audit trail.
 */
const maxRefusalsPerMinute = 120
const minuteMs = 60_000

export interface AuthPluginOptions {
  /** The API_KEYS setting. */
  seedKeys: string
  requestsPerMinute: number
  /** The secret that the signing keys of tokens are derived from. It must be the same on every node. */
  tokenSecret: string
  /** Secrets that signed access tokens before. */
  previousTokenSecrets?: readonly string[]
}

export interface Auth {
  /** The key with this text; undefined when it is unknown or revoked. @throws StoreUnavailable */
  findKey(text: string): Promise<ApiKey | undefined>
  /** The key with this id, also when it is revoked; undefined when there is none. @throws StoreUnavailable */
  findKeyById(id: string): Promise<ApiKey | undefined>
  /** The key that a request was sent with, as it is now; undefined when it, or its token, is no longer valid. @throws StoreUnavailable */
  findCaller(request: FastifyRequest): Promise<ApiKey | undefined>
  /** Issues a token that stands for the key. */
  issueToken(key: ApiKey): Promise<string>
  /** Counts a request of `request.caller`. @throws Problem TOO_MANY_REQUESTS */
  checkRateLimit(request: FastifyRequest): Promise<void>
  /** Refuses a request, and adds the refusal to the audit trail. @throws Problem `problem`, or TOO_MANY_REQUESTS after too many refusals */
  rejectAndAudit(request: FastifyRequest, problem: Problem): Promise<never>
}

function readSeedKeys(setting: string): ApiKey[] {
  try {
    return parseSeedKeys(setting, epochMs())
  } catch (error) {
    throw new InvalidSetting('API_KEYS', (error as Error).message)
  }
}

async function authPlugin(
  app: FastifyInstance,
  { seedKeys, requestsPerMinute, tokenSecret, previousTokenSecrets }: AuthPluginOptions,
): Promise<void> {
  const keyDirectory = createKeyDirectory({
    seedKeys: readSeedKeys(seedKeys),
    listApiKeys: () => app.ledger.listApiKeys(),
    tokenSecret,
    previousTokenSecrets,
    clock: epochMs,
  })
  if (!(await keyDirectory.hasValidKey())) {
    throw new InvalidSetting(
      'API_KEYS',
      'there is no API key yet: make one with "npm run keys -- create --scope transfers:write --scope transfers:read"',
    )
  }

  await app.register(rateLimit, { global: false, store: RateLimitStore })
  const countRequest = app.createRateLimit({
    max: requestsPerMinute,
    timeWindow: minuteMs,
    keyGenerator: ({ caller }) => `caller ${caller?.id}`,
  })
  const countRefusal = app.createRateLimit({
    max: maxRefusalsPerMinute,
    timeWindow: minuteMs,
    keyGenerator: ({ caller, ip }) => (caller ? `refused ${caller.id}` : `unknown ${ip}`),
  })
  async function checkLimit(count: typeof countRequest, request: FastifyRequest): Promise<void> {
    const limit = await count(request)
    // `isAllowed` is true only for a key on an allow list. There is none: the check is for the type.
    if (!limit.isAllowed && limit.isExceeded)
      throw new Problem('TOO_MANY_REQUESTS', 'Too many requests in this minute.', { retryAfterSeconds: limit.ttlInSeconds })
  }

  const checkRateLimit = (request: FastifyRequest): Promise<void> => checkLimit(countRequest, request)

  // Skips StoreUnavailable: the ledger plugin logs an outage once, and not for each refused request.
  const logFailure = (error: unknown): void => {
    if (!(error instanceof StoreUnavailable)) app.log.error({ err: error }, 'a refused caller could not be audited')
  }
  const refusals = createRefusalRecorder({ append: (draft) => app.ledger.appendAudit(draft), onError: logFailure, clock: epochMs })
  app.addHook('onClose', () => refusals.close())

  async function rejectAndAudit(request: FastifyRequest, problem: Problem): Promise<never> {
    const { caller, method } = request
    const route = request.routeOptions.url ?? null
    if (!caller) {
      request.sourceHash = hashSource(request.ip, tokenSecret)
      await refusals.record({ code: problem.code, method, route, source: request.sourceHash })
    }
    await checkLimit(countRefusal, request)
    if (!caller) throw problem
    const draft = createAuditDraft('caller_refused', {
      code: problem.code,
      caller: caller.id,
      detail: { method, route },
    })
    // The caller is refused whether or not the ledger can be written.
    await app.ledger.appendAudit(draft).catch(logFailure)
    throw problem
  }

  app.decorate('auth', {
    findKey: (text) => keyDirectory.findKey(text),
    findKeyById: (id) => keyDirectory.findKeyById(id),
    async findCaller({ headers }) {
      const credentials = readCredentials(headers)
      return credentials && keyDirectory.findKeyByCredentials(credentials)
    },
    issueToken: (key) => issueToken(key, tokenSecret, epochMs()),
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
  // One hook for all routes, so that no response is forgotten. Of the streamed responses, limited keys may not read the audit export, and the
  // stream of changes hides other places itself.
  app.addHook('onSend', (request, _reply, payload, next) => {
    const { caller } = request
    next(null, caller && typeof payload === 'string' ? hideOtherPlaces(payload, caller) : payload)
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    auth: Auth
  }
  interface FastifyRequest {
    /** The key that the request was sent with, or whose token it was sent with. Only routes with `config.scopes` and /oauth/token set it. */
    caller: ApiKey | undefined
  }
  interface FastifyContextConfig {
    /** The caller needs one of these scopes. On a route without scopes this plugin checks nothing. */
    scopes?: readonly Scope[]
  }
}
export default fp(authPlugin, { name: 'auth', dependencies: ['ledger'], fastify: '5.x' })
