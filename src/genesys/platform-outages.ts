/** Which failures of calls to the platform are logged as outages for the operator, and with which messages. */
import type { Outage, OutageLog } from '../telemetry/outage-log.ts'
import { familyOf } from './http/rate-limit/families.ts'
import { GenesysError, type GenesysReason } from './http/errors.ts'
import type { CallObserver } from './http/http-client.ts'

/** The failures that concern every call. Other failures, such as a conversation that has ended, concern one call only. */
const outagesByReason: Readonly<Partial<Record<GenesysReason, [subject: string, outage: Outage]>>> = {
  overloaded: ['platform', { level: 'error', message: 'the platform counts as down: transfers are refused until it answers; look at the status of Genesys Cloud, and at DNS, proxy and firewall', recovery: 'the platform works again' }], // prettier-ignore
  unavailable: ['platform', { level: 'warn', message: 'the platform did not answer a request', recovery: 'the platform answers again' }],
  malformed: ['platform', { level: 'warn', message: 'the platform sent an answer that cannot be understood', recovery: 'the platform answers again' }], // prettier-ignore
  login_failed: ['token', { level: 'error', message: 'the platform does not accept the token that it issued: check whether the OAuth client was disabled or its roles were removed', recovery: 'the platform accepts the token again' }], // prettier-ignore
  rate_limited: ['rate limit', { level: 'warn', message: 'requests are refused because of the rate limit of the platform', recovery: 'the rate limit of the platform leaves room again' }], // prettier-ignore
}
/** The outages because of which no call can be moved. */
export const outageSubjects = ['login', 'platform', 'token'] as const

const familyThrottled: Outage = {
  level: 'warn',
  message: 'the platform throttles some requests for the whole organization, so more tokens would not help',
  recovery: 'the platform does not throttle these requests any more',
}
const loginRefused: Outage = {
  level: 'error',
  message:
    'the platform does not accept the OAuth client: check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_ENV; transfers are refused',
  recovery: 'the platform accepts the OAuth client again',
}
const loginUnavailable: Outage = {
  level: 'error',
  message:
    'the login of the platform does not work: transfers are refused once the current token has expired; check GENESYS_ENV or GENESYS_GATEWAY_URL, DNS, proxy and firewall',
  recovery: 'the login of the platform works again',
}

/** Does not pass by itself, unlike other outages of the network, so it is an error at once. */
const certificateRefused: Outage = {
  level: 'error',
  message: 'the certificate of the platform, or of the outbound proxy, is not accepted: transfers are refused; the reason says what to do',
  recovery: 'the certificate of the platform is accepted again',
}

const errorFields = ({ operation, message, platformCode, correlationId, certificateCode }: GenesysError): object => ({
  'error.code': certificateCode,
  operation,
  reason: message,
  platformCode,
  correlationId,
})

/** Creates an observer that reports outages to the log. */
export function createOutageObserver(outages: OutageLog): CallObserver {
  const permission = (operation: string): string => `permission for ${operation}`
  const familyLimit = (operation: string): string => `limit of ${familyOf(operation)} requests`

  return {
    onLogin(error) {
      if (error === undefined) return outages.end('login')
      if (!(error instanceof GenesysError)) return
      const loginOutage = error.reason === 'login_failed' ? loginRefused : loginUnavailable
      outages.begin('login', { ...(error.certificateCode ? certificateRefused : loginOutage), fields: errorFields(error) })
    },
    onCall(operation, error) {
      if (error === undefined) {
        for (const [subject] of Object.values(outagesByReason)) outages.end(subject)
        outages.end(familyLimit(operation))
        return outages.end(permission(operation))
      }
      // A call that fails because there is no token has the reason of the login, which was reported already.
      if (!(error instanceof GenesysError) || outages.hasOutage('login')) return
      const fields = errorFields(error)
      if (error.reason === 'forbidden')
        return outages.begin(permission(operation), {
          level: 'error',
          message: `the OAuth client lacks a permission for "${operation}"`,
          recovery: `the OAuth client may use "${operation}" again`,
          fields: { ...fields, permissions: error.missingPermissions },
        })
      if (error.limitScope === 'family')
        return outages.begin(familyLimit(operation), { ...familyThrottled, fields: { ...fields, family: familyOf(operation) } })
      const [subject, outage] = outagesByReason[error.reason] ?? []
      if (subject && outage) outages.begin(subject, { ...(error.certificateCode ? certificateRefused : outage), fields })
    },
  }
}
