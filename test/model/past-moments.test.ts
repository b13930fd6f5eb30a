/** Transfers of an earlier run, when the clock was set back before the service was started again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import fc from 'fast-check'
import { openLedger } from '../../src/ledger/open.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { firstHop } from '../../src/model/hop.ts'
import { moveTimesIntoPast } from '../../src/model/past-moments.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import { createChange } from '../ledger/fixtures.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { createPlatformClient } from '../support/platform-client.ts'
import { startService } from '../support/service.ts'
import { testSettings } from '../support/settings.ts'
import { acceptedAuditDraft, createTestRecord, toExecutingRecord } from '../support/transfer-record.ts'

const hourMs = 3_600_000

/** The URL of a new database file, which is removed after the test. */
function createDatabaseUrl(t: { teardown(work: () => unknown): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return `sqlite:${join(folder, 'ledger.db')}`
}

t.test(
  'given any moments, when they are moved into the past, then only the deadline is in the future, as far from the request as before',
  async (t) => {
    const now = 1_700_000_000_000
    const moment = fc.integer({ min: now - 2 * hourMs, max: now + 2 * hourMs })
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(
          moment,
          fc.nat(60_000),
          fc.option(moment),
          fc.option(moment),
          fc.option(moment),
          fc.option(moment),
          moment,
          (receivedAt, deadlineMs, sentAt, initiatedAt, hopInitiatedAt, triedAt, updated) => {
            const updatedAt = new Date(updated).toISOString()
            const hop = { ...firstHop, initiatedAt: hopInitiatedAt, triedAt }
            const record = createTestRecord({ receivedAt, deadlineAt: receivedAt + deadlineMs, sentAt, initiatedAt, hop, updatedAt })
            const after = moveTimesIntoPast(record, now)
            const momentsOf = (each: TransferRecord): number[] =>
              [each.receivedAt, each.sentAt, each.initiatedAt, each.hop.initiatedAt, each.hop.triedAt, Date.parse(each.updatedAt)].map(
                (at) => at ?? 0,
              )
            const isPast = momentsOf(after).every((at) => at <= now)
            const isSame = after === record || Math.max(...momentsOf(record)) > now
            return isPast && isSame && after.deadlineAt - after.receivedAt === deadlineMs && after.deadlineAt <= now + deadlineMs
          },
        ),
        { numRuns: 500 },
      ),
    )
  },
)

t.test(
  'given a call that waits to be picked up, when the clock was set back before the start, then its timeout comes no later than planned',
  async (t) => {
    const simulator = await startSimulator({ requestsPerMinute: 60_000 })
    t.teardown(() => simulator.close())
    const { conversationId, queueId, userId } = setUpIvrCall(simulator.control, ['never'])
    simulator.control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const settings = { ...testSettings(simulator.url), DATABASE_URL: createDatabaseUrl(t), PICKUP_TIMEOUT_MS: '700' }

    const ledger = await openLedger(settings.DATABASE_URL, { auditKey: 'audit key of the tests', clock: () => Date.now() + hourMs })
    const receivedAt = Date.now() + hourMs
    const record = createTestRecord({ conversationId, receivedAt, deadlineAt: receivedAt + 8_000, target: { type: 'queue', queueId } })
    const opened = await ledger.openTransfer({ record, identity: 'x', audit: acceptedAuditDraft(record) })
    if (opened.outcome !== 'accepted') throw new Error(opened.outcome)
    const { participants } = await createPlatformClient(simulator.url).getConversation(conversationId)
    const executing = toExecutingRecord(opened.record, participants, queueId, receivedAt)
    await ledger.writeChange({ record: executing, from: 'accepted' })
    await ledger.writeChange({
      ...createChange(executing, 'initiated', { initiatedAt: receivedAt, latencyMs: 1, routing: 'done', mirror: 'done' }),
      events: [],
    })
    await ledger.close()
    simulator.control.transferByFlow(conversationId, { queueId })

    const service = await startService(t, settings)
    t.match(await service.waitForState(record.id, 'timeout'), { code: 'PICKUP_TIMEOUT' })
  },
)
