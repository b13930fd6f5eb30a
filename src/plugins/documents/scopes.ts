/** How a caller authenticates, and which scope each operation needs. */
import { scopes, type Scope } from '../../auth/api-key.ts'
import type { OpenApiDocument } from './document-types.ts'
import type { RouteFacts } from './route-facts.ts'

const scopeDescriptions: Readonly<Record<Scope, string>> = {
  'transfers:write': 'Request transfers, and change them',
  'transfers:read': 'Read transfers, counts and webhook deliveries',
  'transfers:settle': 'Settle transfers whose outcome is not known',
  'transfers:override': 'Request transfers that skip checks, in addition to transfers:write',
  'audit:read': 'Read the audit trail',
  'webhooks:write': 'Deliver webhooks again, and send test events',
}

/** The first one is what most callers use. */
export const securitySchemes = {
  key: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'hk_<id>_<secret>',
    description: 'An API key, as `npm run keys` prints it: paste the whole key. A token of /oauth/token is sent in the same way',
  },
  header: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same key as a header' },
  basic: { type: 'http', scheme: 'basic', description: 'The same key as the password, with any user name' },
  oauth2: {
    type: 'oauth2',
    description:
      'A token for 15 minutes: the client id is the middle part of `hk_<id>_<secret>`, the client secret the whole key. The token has the scopes of its key, whichever are asked for',
    flows: {
      clientCredentials: { tokenUrl: '/oauth/token', scopes: Object.fromEntries(scopes.map((scope) => [scope, scopeDescriptions[scope]])) },
    },
  },
} as const

/** The ways to authenticate for an operation, each of which suffices. */
const securityFor = (allowed: readonly Scope[]): Array<Record<string, string[]>> => [
  { key: [] },
  { header: [] },
  { basic: [] },
  ...allowed.map((scope) => ({ oauth2: [scope] })),
]

const describeScopes = (allowed: readonly Scope[]): string => `Needs the scope ${allowed.map((scope) => `\`${scope}\``).join(' or ')}.`

/** Adds to every operation how its caller authenticates, and to its description which scope the key needs. */
export function addScopes({ paths }: OpenApiDocument, routes: ReadonlyMap<string, RouteFacts>): void {
  for (const operation of Object.values(paths).flatMap((item) => Object.values(item))) {
    const allowed = routes.get(operation.operationId)?.scopes
    operation.security = allowed ? securityFor(allowed) : []
    const text = allowed ? describeScopes(allowed) : 'Needs no key.'
    operation.description = [operation.description, text].filter(Boolean).join('\n\n')
  }
}
