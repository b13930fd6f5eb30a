/** How API keys are added, listed and revoked. */
import type { ApiKeyStore } from '../contract/api-keys.ts'
import type { Engine } from '../engine/engine.ts'
import type { Tables } from '../tables/tables.ts'

export const createApiKeyOperations = (engine: Engine, { apiKeys }: Tables): ApiKeyStore => ({
  addApiKey: (key) => engine.write(() => apiKeys.add(key)),
  listApiKeys: () => engine.read(() => apiKeys.list()),
  revokeApiKey: (id) => engine.write(() => apiKeys.revoke(id)),
})
