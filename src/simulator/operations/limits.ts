/** How the limits of the organization are read over HTTP. */
import { listLimits } from '../model/limits.ts'
import type { Operation } from './operation.ts'

/** The operations for limits. They need no permission (docs/genesys-cloud.md rule 67). */
export const limitOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/organizations/limits/namespaces/:namespaceName',
    handle: ({ platform }, { params }) => ({
      status: 200,
      body: { entities: listLimits(platform.settings, params['namespaceName'] ?? '') },
    }),
  },
]
