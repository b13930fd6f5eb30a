/** Texts of a request that PostgreSQL cannot read as JSON must not keep other keys from their lists. */
import { createApiKey } from '../../../src/auth/api-key.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { startPlatformAndCrm } from '../../support/test-system.ts'
import { startService } from '../../support/service.ts'
import { testSettings } from '../../support/settings.ts'
import { startServerForFile } from './server.ts'

const { server, given } = await startServerForFile({ isPatient: true })

given(
  'a context and a summary with a NUL or half of a surrogate pair, when a key that is limited to queues lists, then it gets its list',
  async (t) => {
    const { simulator } = await startPlatformAndCrm(t)
    const { control } = simulator
    const { id: queueId } = control.addQueue()
    const settings = { ...testSettings(simulator.url), DATABASE_URL: await server.createDatabase() }
    const limited = createApiKey({ scopes: ['transfers:read'], label: 'limited', queues: [queueId], now: Date.now() })
    const wrapLedger = (ledger: Ledger): Ledger => Object.assign(ledger, { listApiKeys: async () => [limited.stored] })
    const service = await startService(t, settings, {}, { wrapLedger })
    for (const text of ['a\u0000b', 'cut in an emoji \ud83d', '\udc4d the other half']) {
      const { conversationId } = control.addConversation({ in: 'ivr' })
      const { status, body } = await service.postTransfer({
        conversationId,
        target: { type: 'queue', queueId },
        summary: text,
        context: { note: text },
      })
      t.equal(status, 202, 'the call is moved')
      const expected = text.replaceAll('\u0000', '').replace(/\ud83d|\udc4d/, '\ufffd')
      t.equal(body['summary'], expected)
      t.match((await service.app.ledger.findTransfer(body.id))?.context, { note: expected })
    }
    const headers = { authorization: `Bearer ${limited.text}` }
    for (const path of ['/v1/transfers', '/v1/transfers/summary?groupBy=reason', '/v1/webhook-deliveries'])
      t.equal((await service.request('GET', path, undefined, headers)).status, 200, path)
  },
)
