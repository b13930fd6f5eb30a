/** Connects the real client to a fake platform, and waits for the errors that it throws. */
import type { Test } from 'tap'
import { connectGenesys, type CallOptions, type GenesysClient, type GenesysSettings } from '../../../src/genesys/client.ts'
import { GenesysError } from '../../../src/genesys/http/errors.ts'
import { startFakePlatform, type FakePlatform } from './fake-platform.ts'

export const clientId = '7f0c3a51-client-id'
export const clientSecret = 'canary-secret-Zx81'

export const createSettings = (gatewayUrl: string, changes: Partial<GenesysSettings> = {}): GenesysSettings => ({
  clientId,
  clientSecret,
  environment: 'mypurecloud.com',
  gatewayUrl,
  requestsPerMinute: 300,
  tokenPoolSize: 1,
  ...changes,
})

/** Starts a fake platform and connects a client to it; both are closed after the test. */
export async function connectToFakePlatform(
  t: Test,
  changes: Partial<GenesysSettings> = {},
): Promise<{ genesys: GenesysClient; platform: FakePlatform }> {
  const platform = await startFakePlatform()
  const genesys = await connectGenesys(createSettings(platform.url, changes))
  t.teardown(async () => {
    await genesys.close()
    await platform.close()
  })
  return { genesys, platform }
}

/** Options of a call whose deadline is `ms` from now. */
export const dueIn = (ms: number, options: Partial<CallOptions> = {}): CallOptions => ({ deadline: Date.now() + ms, ...options })

/** The GenesysError that `promise` rejects with. @throws Error if it resolves, or rejects with something else */
export async function rejection(promise: Promise<unknown>): Promise<GenesysError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome && outcome.error instanceof GenesysError) return outcome.error
  throw new Error(`expected a GenesysError, got ${JSON.stringify(outcome)}`)
}
