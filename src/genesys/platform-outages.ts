/** Which failures of calls to the platform are logged as outages for the operator, and with which messages. */
import type { Outage, OutageLog } from '../telemetry/outage-log.ts'
import { familyOf } from './http/rate-limit/families.ts'
import { GenesysError, type GenesysReason } from './http/errors.ts'
import type { CallObserver } from './http/http-client.ts'

/** The failures that concern every call. Other failures, such as a conversation that has ended, concern one call only. */
const outagesByReason: Readonly<Partial<Record<GenesysReason, [subject: string, outage: Outage]>>> = {
  overloaded: ['platform', { level: 'error', message: 'the platform counts as down: transfers are refused', recovery: 'the platform works again' }], // prettier-ignore
  unavailable: ['platform', { level: 'warn', message: 'the platform did not answer a request', recovery: 'the platform answers again' }],
  malformed: ['platform', { level: 'warn', message: 'the platform sent an answer that cannot be understood', recovery: 'the platform answers again' }], // prettier-ignore
  login_failed: ['token', { level: 'error', message: 'the platform does not accept the token that it issued', recovery: 'the platform accepts the token again' }], // prettier-ignore
  rate_limited: ['rate limit', { level: 'warn', message: 'requests are refused because of the rate limit of the platform', recovery: 'the rate limit of the platform leaves room again' }], // prettier-ignore
}
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
  message: 'the login of the platform does not work: transfers are refused once the current token has expired',
  recovery: 'the login of the platform works again',
}

const errorFields = ({ operation, message, platformCode, correlationId }: GenesysError): object => ({
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
      outages.begin('login', { ...(error.reason === 'login_failed' ? loginRefused : loginUnavailable), fields: errorFields(error) })
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
      if (subject && outage) outages.begin(subject, { ...outage, fields })
    },
  }
}
