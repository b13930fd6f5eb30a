/** The client of Genesys Cloud ("the platform"): which operations it offers, and how its parts are put together. */
import { createClientCredentialsLogin } from './auth/login.ts'
import { resolveEndpoints } from './auth/regions.ts'
import type { IssuedToken } from './auth/token.ts'
import { createTokenPool } from './auth/token-pool.ts'
import { createCommands, type PlatformCommands } from './commands.ts'
import { createConditionReads, type ConditionReads } from './condition-reads.ts'
import type { RequestObserver } from './http/attempt.ts'
import { createBreaker, type BreakerState } from './http/breaker.ts'
import { epochClock, steadyClock } from './http/clock.ts'
import { createHttpClient, type CallObserver } from './http/http-client.ts'
import type { Family } from './http/rate-limit/families.ts'
import { FamilyLimiter } from './http/rate-limit/family-limiter.ts'
import type { CountByLane, Lane } from './http/rate-limit/lanes.ts'
import type { RateLimitUsage } from './http/rate-limiter.ts'
import { createRetryBudget } from './http/retry-budget.ts'
import { describeCertificateError } from '../outbound/certificate-errors.ts'
import type { SelectProxy } from '../outbound/proxy-selector.ts'
import { createTransport, type Transport } from './http/transport.ts'
import { createNotificationCalls, type NotificationCalls } from './notifications/calls.ts'
import { createProbe } from './probe.ts'
import { createReachability, observeAnswers } from './reachability.ts'
import { createReads, type PlatformReads } from './reads.ts'
import { loadSdk } from './sdk.ts'
import { createWaitingCallReads, type WaitingCallReads } from './waiting-calls.ts'

export type { CallOptions } from './http/call-options.ts'
export type { CommandReceipt } from './http/operation.ts'

/** Every operation throws GenesysError only. */
export interface GenesysClient extends PlatformReads, ConditionReads, WaitingCallReads, PlatformCommands, NotificationCalls {
  /** Opens a connection for a command that is likely to follow soon. */
  prepareCommand(): void
  /** Logs in, and resolves as soon as one token can be used. `deadline` in epoch ms. @throws GenesysError if there is none by then */
  waitForToken(deadline: number): Promise<void>
  /** @throws GenesysError if the platform does not answer now, counts as down, or accepts no token that it issues */
  checkReachable(): Promise<void>
  /** How long so many calls in `lane` would wait for the rate limit now, until the last of them is sent, ms. */
  waitMs(lane: Lane, calls: number): number
  /** One entry for each token. */
  rateLimitUsage(): RateLimitUsage[]
  /** Ms until the pause that the platform asked for ends, for each family of operations; 0 if there is none. */
  pausedFamilies(): Array<{ family: Family; pausedMs: number }>
  /** The state of the breaker, and how many calls wait for the rate limit. */
  load(): { breaker: BreakerState; waiting: CountByLane }
  close(): Promise<void>
}

export interface GenesysSettings {
  clientId: string
  clientSecret: string
  /** A region of Genesys Cloud, see `resolveEndpoints`. */
  environment: string
  gatewayUrl?: string | undefined
  requestsPerMinute: number
  tokenPoolSize: number
  selectProxy?: SelectProxy | undefined
  requestObserver?: RequestObserver | undefined
  callObserver?: CallObserver | undefined
  /** Called for each connection that failed because of a certificate. */
  onCertificateError?: (() => void) | undefined
}

/**
 * Creates a client over the official SDK (docs/genesys-cloud.md rule 1, docs/decisions/0003-sdk-behind-own-http-client.md).
 * Nothing is sent yet; `waitForToken` or the first call logs in.
 * @throws Error that names the setting if the region or the gateway is not acceptable
 */
export async function connectGenesys(settings: GenesysSettings): Promise<GenesysClient> {
  const { clientId, clientSecret, requestsPerMinute, tokenPoolSize, requestObserver, callObserver } = settings
  const { loginUrl, apiUrl } = resolveEndpoints(settings.environment, settings.gatewayUrl)

  const connections = observeCertificates(createTransport({ selectProxy: settings.selectProxy }), settings.onCertificateError)
  const transport = observeAnswers(connections, steadyClock)
  const login = observeLogin(createClientCredentialsLogin({ url: loginUrl, clientId, clientSecret, transport }), callObserver)
  const tokenPool = createTokenPool({ size: tokenPoolSize, requestsPerMinute, login, epochClock, steadyClock })
  const probe = createProbe({ apiUrl, tokenPool, transport, epochClock, steadyClock })
  const breaker = createBreaker({ probe })
  const reachability = createReachability({ answeredAt: transport.answeredAt, probe, breaker, clock: steadyClock })
  const families = new FamilyLimiter(steadyClock)
  const http = createHttpClient({
    apiUrl,
    families,
    pickToken: (lane) => tokenPool.pick(lane),
    transport,
    breaker,
    retryBudget: createRetryBudget(),
    epochClock,
    steadyClock,
    requestObserver,
    callObserver,
    secrets: [clientSecret],
  })
  const sdk = await loadSdk({ apiUrl, request: (request) => http.request(request) })

  return {
    ...createReads(sdk),
    ...createConditionReads(sdk),
    ...createWaitingCallReads({ http, apiUrl }),
    ...createCommands(sdk),
    ...createNotificationCalls({ http, apiUrl, isGateway: Boolean(settings.gatewayUrl) }),
    prepareCommand() {
      if (breaker.state === 'closed') transport.prepare(new URL(apiUrl))
    },
    waitForToken: (deadline) => tokenPool.waitForToken(deadline),
    checkReachable: () => reachability.check(),
    waitMs: (lane, calls) => tokenPool.pick(lane).limiter.waitMs(lane, calls),
    rateLimitUsage: () => tokenPool.usage(),
    pausedFamilies: () => families.pauses(),
    load: () => ({ breaker: breaker.state, waiting: tokenPool.waiting() }),
    async close() {
      tokenPool.close()
      families.close()
      await transport.close()
    },
  }
}

/** Wraps a transport so that failures because of a certificate are reported. */
const observeCertificates = (transport: Transport, onCertificateError: (() => void) | undefined): Transport => ({
  ...transport,
  async send(request) {
    const result = await transport.send(request)
    if (describeCertificateError(result.failure?.code, '') !== undefined) onCertificateError?.()
    return result
  },
})

/** Wraps a login so that the observer learns of each success and failure. */
const observeLogin = (login: () => Promise<IssuedToken>, observer: CallObserver | undefined) => async (): Promise<IssuedToken> => {
  try {
    const token = await login()
    observer?.onLogin()
    return token
  } catch (error) {
    observer?.onLogin(error)
    throw error
  }
}
