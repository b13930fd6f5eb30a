/** A bulk transfer stops moving calls once the API key that requested it may no longer do so. */
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { createApiKey } from '../../../../src/auth/api-key.ts'
import type { ApiKey } from '../../../../src/ledger/contract/api-keys.ts'
import type { Ledger } from '../../../../src/ledger/contract/ledger.ts'
import type { BulkTransfer } from '../../../../src/model/bulk-transfer.ts'
import { holdQueueCommands } from '../../../support/hold-queue-commands.ts'
import { startTestSystem } from '../../../support/test-system.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { listMoved, setUpWaitingCalls, waitForBulk, waitUntilDone } from './scene.ts'

const allQueues = { scopes: ['transfers:write' as const], label: '', now: 0 }
const changes: Array<{ name: string; change: (key: ApiKey) => ApiKey | undefined; code: string; message: RegExp }> = [
  {
    name: 'it was revoked',
    change: (key) => ({ ...key, revokedAt: new Date().toISOString() }),
    code: 'UNAUTHENTICATED',
    message: /was revoked.*Cancel/,
  },
  { name: 'it is no longer in the settings', change: () => undefined, code: 'UNAUTHENTICATED', message: /does not exist.*Cancel/ },
  {
    name: 'it lost its scope',
    change: (key) => ({ ...key, scopes: ['transfers:read'] }),
    code: 'FORBIDDEN',
    message: /transfers:write.*resume/,
  },
  {
    name: 'it lost a queue',
    change: (key) => ({ ...key, queues: key.queues?.slice(1) ?? [] }),
    code: 'TARGET_NOT_ALLOWED',
    message: /queue.*resume/,
  },
]

// The tests mostly wait, each for a system of its own.
t.jobs = 4

for (const { name, change, code, message } of changes)
  t.test(
    `given a bulk transfer whose key changes, when ${name}, then no further call is moved, and it says why and what to do`,
    async (t) => {
      const queues: string[] = []
      const { text, stored } = createApiKey({ ...allQueues, queues })
      let key: ApiKey | undefined = stored
      const wrapLedger = (ledger: Ledger): Ledger => Object.assign(ledger, { listApiKeys: async () => (key ? [key] : []) })
      const system = await startTestSystem(t, {}, {}, { wrapLedger })
      const { body, conversationIds, fromQueueId, toQueueId } = setUpWaitingCalls(system, 3)
      queues.push(fromQueueId, toQueueId)
      const held = holdQueueCommands(t, system)
      const { body: bulk } = await system.request<BulkTransfer>('POST', '/v1/bulk-transfers', body, { authorization: `Bearer ${text}` })
      await waitFor(() => held.heldCount === 1, 'the first command')

      const hasBeenRead = () =>
        waitFor(async () => isDeepStrictEqual(await system.app.auth.findKeyById(stored.id), key), 'the keys to be read again')
      key = change(stored)
      await hasBeenRead()
      held.release()
      const paused = await waitForBulk(system, bulk.id, ({ state }) => state !== 'running', 'the pause')
      t.match(paused, { state: 'paused', code, message, counts: { moved: 1, pending: 2 } })
      t.match(paused.message, new RegExp(stored.id), 'it names the key')
      t.same(listMoved(system), conversationIds.slice(0, 1))
      const resumed = await system.request('POST', `/v1/bulk-transfers/${bulk.id}/resume`)
      t.equal(resumed.status, 200)
      await waitForBulk(system, bulk.id, ({ state }) => state === 'paused', 'the next pause')
      t.equal(listMoved(system).length, 1, 'nothing moves')

      key = stored
      await hasBeenRead()
      await system.request('POST', `/v1/bulk-transfers/${bulk.id}/resume`)
      await waitUntilDone(system, bulk.id)
      t.same(listMoved(system), conversationIds)
    },
  )
