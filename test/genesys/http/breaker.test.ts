import t from 'tap'
import { createBreaker } from '../../../src/genesys/http/breaker.ts'
import type { Answer } from '../../../src/genesys/http/exchange.ts'

const broken = (more: Partial<Answer>): Answer => ({ sent: true, headers: {}, body: '', broke: { kind: 'deadline' }, ...more })
const many = 25

for (const [given, answer, state] of [
  ['a silence of two seconds and more after the request was sent', broken({ sinceSentMs: 2_500 }), 'open'],
  ['deadlines that left the platform hardly any time', broken({ sinceSentMs: 300 }), 'closed'],
  ['requests that never left, because they waited here', broken({ sent: false }), 'closed'],
  ['callers who went away', broken({ sinceSentMs: 2_500, broke: { kind: 'aborted' } }), 'closed'],
  ['connections that break', broken({ sinceSentMs: 5, broke: { kind: 'network', code: 'ECONNRESET' } }), 'open'],
  ['a gateway that finds nothing behind it', { sent: true, status: 503, headers: {}, body: '' }, 'open'],
  ['refusals', { sent: true, status: 400, headers: {}, body: '' }, 'closed'],
] as const) {
  t.test(`given ${given}, again and again, then the platform is taken to be ${state === 'open' ? 'down' : 'up'}`, async (t) => {
    const breaker = createBreaker({ probe: () => new Promise(() => {}) })
    for (let times = 0; times < many; times++) await breaker.run('getConversation', async () => answer).catch(() => {})
    t.equal(breaker.state, state)
  })
}
