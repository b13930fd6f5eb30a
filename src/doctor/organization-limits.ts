/** Which limits the organization has, and whether the settings exceed them. Reading them needs no permission (docs/genesys-cloud.md rule 67). */
import { limitScopeOf } from '../genesys/http/rate-limit/limit-scope.ts'
import { asObject, asText } from '../model/json-fields.ts'
import { createPass, createWarning, type CheckResult } from './check-result.ts'
import type { PlatformConnection } from './platform-connection.ts'

/** The namespaces whose limits apply to what Handoff does. */
const namespaces = ['platform.api', 'routing', 'conversation', 'notifications'] as const

interface Limit {
  key: string
  value: number
}

export interface RequestSettings {
  requestsPerMinute: number
  tokenPoolSize: number
}

function parseLimits(entities: unknown): Limit[] {
  return (Array.isArray(entities) ? entities : []).flatMap((entity) => {
    const fields = asObject(entity)
    const key = asText(fields?.['key'])
    const value = fields?.['value']
    return key !== undefined && /^[\w.-]{1,120}$/.test(key) && typeof value === 'number' ? [{ key, value }] : []
  })
}

/** Describes how the settings exceed a limit; undefined if they do not. Limits of users do not apply to client credentials. */
function describeExcess({ key, value }: Limit, { requestsPerMinute, tokenPoolSize }: RequestSettings): string | undefined {
  if (!key.endsWith('rate.per.minute') || key.split('.').includes('user')) return undefined
  if (limitScopeOf(key) === 'token') {
    // Other token limits are for other grant types.
    if (!key.startsWith('client.credentials.') || requestsPerMinute <= value) return undefined
    return `GENESYS_REQUESTS_PER_MINUTE says ${requestsPerMinute}`
  }
  const total = requestsPerMinute * tokenPoolSize
  return total > value ? `the tokens together may send ${total} requests a minute` : undefined
}

const describeRemedy = (key: string, value: number): string =>
  limitScopeOf(key) === 'token'
    ? `set GENESYS_REQUESTS_PER_MINUTE=${value}.`
    : 'lower GENESYS_TOKEN_POOL_SIZE: more tokens do not help with a limit of the whole organization. Handoff pauses these requests when the platform says so.'

/** Checks the limits of each namespace. Sends at most four requests, one after another. */
export async function checkOrganizationLimits(connection: PlatformConnection, settings: RequestSettings): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const namespace of namespaces) {
    const { status, body } = await connection.request('GET', `/organizations/limits/namespaces/${namespace}`)
    if (status !== 200) return [...results, createWarning('limits', `the platform does not list them (${status}).`, 'try again.')]
    const check = `limits of ${namespace}`
    const limits = parseLimits(body['entities'])
    const list = limits.map(({ key, value }) => `${key} ${value}`).join(', ')
    const excess = limits.flatMap((limit) => {
      const description = describeExcess(limit, settings)
      return description === undefined ? [] : [{ ...limit, description }]
    })
    const [first] = excess
    if (first)
      results.push(
        createWarning(
          check,
          `${list}; ${excess.map(({ description }) => description).join('; ')}.`,
          describeRemedy(first.key, first.value),
        ),
      )
    else results.push(createPass(check, limits.length > 0 ? `${list}.` : 'the platform lists none.'))
  }
  return results
}
