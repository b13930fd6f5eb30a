/** Which limit a 429 is about: that of the token, or that of a family of operations for the whole organization. */

export type LimitScope = 'token' | 'family'

/**
 * A key that names a token, or no key at all, means the token's limit; any other key means the family's (docs/genesys-cloud.md rule 99).
 * @param limitKey `limit.key` of the body, such as `client.credentials.token.rate.per.minute`
 */
export const limitScopeOf = (limitKey: string | undefined): LimitScope =>
  limitKey === undefined || limitKey.split('.').includes('token') ? 'token' : 'family'
