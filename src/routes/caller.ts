/** Who sent a request. */
import type { FastifyRequest } from 'fastify'
import type { ApiKey } from '../ledger/contract/api-keys.ts'
import { Problem } from '../model/problems.ts'

/** The key of the request's caller. @throws Problem UNAUTHENTICATED on a route without `config.scopes`, where no caller is known */
export function requireCaller({ caller }: FastifyRequest): ApiKey {
  if (!caller) throw new Problem('UNAUTHENTICATED', 'No key.')
  return caller
}
