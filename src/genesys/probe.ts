/** The request that tests whether the platform is back while the breaker is open. */
import type { PooledToken, TokenPool } from './auth/token-pool.ts'
import type { Clock } from './http/clock.ts'
import type { ExchangeResult } from './http/exchange.ts'
import type { Transport } from './http/transport.ts'

const probeTimeoutMs = 2000
/** The failure code of a probe that could not be sent, which says nothing about the platform. */
export const probeNotSent = 'HELD_BACK'

/** Returns a function that sends a probe and never rejects: without a token or a slot, the result is a failure with code `probeNotSent`. */
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
  // This request needs no permission and changes nothing. Any response but a gateway's 502 to 504 shows that the platform works.
  const url = new URL(`${apiUrl}/api/v2/notifications/channels`)
  async function send({ source, limiter }: PooledToken): Promise<ExchangeResult> {
    const token = await source.get(epochClock.now() + probeTimeoutMs)
    await limiter.admit('watch', steadyClock.now() + probeTimeoutMs)
    const result = await transport.send({
      url,
      method: 'GET',
      headers: { authorization: `Bearer ${token}`, 'user-agent': 'handoff' },
      timeoutMs: probeTimeoutMs,
    })
    if (result.status === 401) source.invalidate(token)
    return result
  }
  return async () => {
    try {
      const token = tokenPool.pick('watch')
      const result = await send(token)
      // A token that was revoked is replaced, as it is for any other request.
      return result.status === 401 ? await send(token) : result
    } catch {
      return { isSent: false, headers: {}, body: '', failure: { kind: 'network', code: probeNotSent } }
    }
  }
}
