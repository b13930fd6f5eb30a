/** The request that tests whether the platform is back while the breaker is open. */
import type { TokenPool } from './auth/token-pool.ts'
import type { Clock } from './http/clock.ts'
import type { ExchangeResult } from './http/exchange.ts'
import type { Transport } from './http/transport.ts'

const probeTimeoutMs = 2000
/** The code of a probe that could not be sent, which says nothing about the platform. */
export const heldBack = 'HELD_BACK'

/** Returns a function that sends one such request and never rejects: without a token or a slot the result is a network failure. */
export function createProbe({
  apiUrl,
  tokenPool,
  transport,
  epochClock,
  steadyClock,
}: {
  apiUrl: string
  tokenPool: TokenPool
  transport: Transport
  epochClock: Clock
  steadyClock: Clock
}): () => Promise<ExchangeResult> {
  // It needs no permission and changes nothing, and any response but a gateway's 502 to 504 shows that the platform works.
  const url = new URL(`${apiUrl}/api/v2/notifications/channels`)
  return async () => {
    try {
      const { source, limiter } = tokenPool.pick('watch')
      const token = await source.get(epochClock.now() + probeTimeoutMs)
      await limiter.admit('watch', steadyClock.now() + probeTimeoutMs)
      return await transport.send({
        url,
        method: 'GET',
        headers: { authorization: `Bearer ${token}`, 'user-agent': 'handoff' },
        timeoutMs: probeTimeoutMs,
      })
    } catch {
      return { isSent: false, headers: {}, body: '', failure: { kind: 'network', code: heldBack } }
    }
  }
}
