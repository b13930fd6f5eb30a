/** What a 429 is about: the token that sent the request, or a family of operations for the whole organization. */

export type LimitScope = 'token' | 'family'

/**
 * A token limit, or none, is about the token; any other limit is about the family (docs/genesys-cloud.md rule 99).
 * @param limitKey `limit.key` of the body, such as `client.credentials.token.rate.per.minute`
 */
export const limitScopeOf = (limitKey: string | undefined): LimitScope =>
  limitKey === undefined || limitKey.split('.').includes('token') ? 'token' : 'family'
