/** Which limits the simulated organization has, and how the platform names them. */
import type { Settings } from './settings.ts'

/** `Limit` of the platform (docs/genesys-cloud.md rule 99). */
export interface Limit {
  readonly key: string
  readonly namespace: string
  readonly value?: number
}

/**
 * The names of the two limits: of a token, and of the organization for the routes of the assignment service (docs/genesys-cloud.md
 * rule 67). The platform does not publish the key of the latter, so it is an assumption.
 */
export const limitNames = {
  token: { key: 'client.credentials.token.rate.per.minute', namespace: 'platform.api' },
  organization: { key: 'assignment.org.rate.per.minute', namespace: 'routing' },
} as const satisfies Record<string, Limit>

/** The limits of a namespace, as `GET /organizations/limits/namespaces/{namespaceName}` lists them. */
export function listLimits({ requestsPerMinute, assignmentRequestsPerMinute }: Settings, namespace: string): Limit[] {
  const limits: Limit[] = [{ ...limitNames.token, value: requestsPerMinute }]
  if (assignmentRequestsPerMinute !== null) limits.push({ ...limitNames.organization, value: assignmentRequestsPerMinute })
  return limits.filter((limit) => limit.namespace === namespace)
}
