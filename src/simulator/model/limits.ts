/** Which limits the simulated organization has, and how the platform names them. */
import type { Settings } from './settings.ts'

/** `Limit` of the platform (docs/genesys-cloud.md rule 99). */
export interface Limit {
  readonly key: string
  readonly namespace: string
  readonly value?: number
}

/**
 * By what a limit applies to. That of the organization is for the routes of the assignment service (docs/genesys-cloud.md rule 67); its key
 * is not published, so it is an assumption.
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
