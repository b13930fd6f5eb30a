/** Bulk transfers in the console: when the platform takes no more requests, and pausing, resuming and canceling many calls. */
import t, { test } from 'tap'
import type { Page } from 'playwright-core'
import { defaultScenario, loadDefaultScenario } from '../../src/simulator/control/default-scenario.ts'
import type { BulkCallRecord, BulkTransferRecord } from '../../src/model/bulk-transfer.ts'
import { startBulk } from '../../src/transfers/submission/bulk/bulk-changes.ts'
import { createBulk, createCall } from '../ledger/bulk-fixtures.ts'
import { skipWithoutBrowser as skip } from '../support/browser.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'
import { consoleSettings, findViolations, openConsole } from './console-page.ts'

t.setTimeout(300_000)
const timeout = 240_000
const { queues } = defaultScenario

const addWaiting = ({ control }: Pick<TestSystem, 'control'>, count: number): string[] =>
  Array.from({ length: count }, () => control.addConversation({ in: { queueId: queues.unstaffed } }).conversationId)

/** Stores a bulk transfer that is paused and has these calls. */
async function storePausedBulk({ app: { ledger } }: TestSystem, calls: BulkCallRecord[]): Promise<BulkTransferRecord> {
  const bulk = createBulk({ state: 'paused', owner: ledger.nodeId })
  await ledger.addBulkTransfer(startBulk(bulk, calls.length), calls)
  return bulk
}

async function fillForm(page: Page): Promise<void> {
  await page.locator('#from').fill(queues.unstaffed)
  await page.locator('#bulk-queueId').fill(queues.support)
  await page.locator('#bulk-reason').fill('queue_closed')
}

test(
  'given a platform that takes no more requests, then the dry run says so, can be made again, and the calls can be moved',
  { skip, timeout },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    loadDefaultScenario(system.control)
    const waiting = addWaiting(system, 2)
    const { page, problems } = await openConsole(t, system.url, { view: 'bulk' })
    let limited = 2
    await page.route('**/v1/bulk-transfers', async (route) => {
      if (!route.request().postData()?.includes('"dryRun":true')) return route.continue()
      const response = await route.fetch()
      const answer = (await response.json()) as { calls: object[] }
      const refusal = { wouldMove: false, code: 'RATE_LIMITED', message: 'The platform takes no more requests.', resolvedTarget: null }
      return route.fulfill({
        response,
        json: { ...answer, calls: answer.calls.map((call, index) => (index < limited ? { ...call, ...refusal } : call)) },
      })
    })
    await fillForm(page)
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByText('None of these calls could be checked').waitFor()
    t.equal(await page.getByText('0 of 2 calls').count(), 0)
    t.strictSame(await findViolations(page), [])

    limited = 1
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByRole('heading', { name: '1 of 2 calls would go to' }).waitFor()
    await page.getByText('1 could not be checked').waitFor()
    await page.getByRole('button', { name: 'Move 2 calls…' }).click()
    await page.getByRole('button', { name: 'Move the calls' }).click()
    await page.getByRole('heading', { name: 'Done' }).waitFor()
    t.strictSame(
      waiting.map((conversationId) => system.control.transfers(conversationId).length),
      [1, 1],
    )
    t.strictSame(problems, [])
  },
)

test(
  'given 120 calls that are being moved, then they can be paused, resumed and canceled, and none is moved twice',
  { skip, timeout },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    loadDefaultScenario(system.control)
    const waiting = addWaiting(system, 120)
    const { body } = await system.request<{ id: string }>('POST', '/v1/bulk-transfers', {
      fromQueueId: queues.unstaffed,
      target: { type: 'queue', queueId: queues.support },
      reason: 'queue_closed',
    })
    const { page, problems } = await openConsole(t, system.url, { view: `bulk/${body.id}` })
    const state = async () => (await system.request<{ state: string }>('GET', `/v1/bulk-transfers/${body.id}`)).body.state
    await page.getByRole('heading', { name: 'Moving calls' }).waitFor()
    await page.locator('.legend', { hasText: 'moved' }).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('heading', { name: 'Paused' }).waitFor()
    t.equal(await state(), 'paused')
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('heading', { name: 'Moving calls' }).waitFor()
    t.equal(await state(), 'running')
    await page.getByRole('button', { name: 'Cancel…' }).click()
    await page.getByRole('button', { name: 'Cancel the rest' }).click()
    await page.getByRole('heading', { name: 'Canceled' }).waitFor()
    t.equal(await state(), 'cancelled')
    t.equal(await page.getByRole('button', { name: /Pause|Resume|Cancel/ }).count(), 0)
    const { body: end } = await waitFor(
      async () => {
        const answer = await system.request<{ counts: Record<string, number> }>('GET', `/v1/bulk-transfers/${body.id}`)
        const { moving, pending } = answer.body.counts
        return Number(moving) + Number(pending) === 0 && answer
      },
      'the end of the calls that were being moved',
      60_000,
    )
    await page.locator('.legend', { hasText: 'canceled' }).waitFor()
    await page.locator('.legend', { hasText: 'pending' }).waitFor({ state: 'detached' })
    const moves = waiting.map((conversationId) => system.control.transfers(conversationId).length)
    t.equal(Math.max(...moves), 1, 'none is moved twice')
    t.equal(end.counts['moved'], moves.filter((count) => count === 1).length)
    t.ok(Number(end.counts['cancelled']) > 0, 'the rest was canceled')
    t.strictSame(problems, [])
  },
)

test(
  'given a call of which it is not known whether it was moved, then it is not counted as through until the bulk transfer is over',
  { skip, timeout },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    const { ledger } = system.app
    const [moved, unclear] = [createCall(1), createCall(2)] as const
    const bulk = await storePausedBulk(system, [moved, unclear])
    await ledger.writeBulkCall(bulk, { ...moved, state: 'moved' })
    await ledger.writeBulkCall(bulk, { ...unclear, state: 'unknown', code: 'OUTCOME_UNKNOWN', nextAt: Date.now() })
    const { page, problems } = await openConsole(t, system.url, { view: `bulk/${bulk.id}` })
    await page.getByText('1 of 2 calls are through.').waitFor()
    t.equal(await page.getByRole('progressbar').getAttribute('aria-valuenow'), '1')
    await page.getByRole('button', { name: 'Cancel…' }).click()
    await page.getByRole('button', { name: 'Cancel the rest' }).click()
    await page.getByText('2 of 2 calls are through.').waitFor()
    t.strictSame(problems, [])
  },
)

test(
  'given a bulk transfer that is paused, when somebody else cancels it, then the page says so without a click',
  { skip, timeout },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    const bulk = await storePausedBulk(system, [createCall(1)])
    const { page, problems } = await openConsole(t, system.url, { view: `bulk/${bulk.id}` })
    const path = `/v1/bulk-transfers/${bulk.id}`
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    // It is read once more soon after it is opened.
    await page.waitForResponse((response) => response.url().includes(path))
    t.equal((await system.request('POST', `${path}/cancel`)).status, 200)
    await page.getByRole('heading', { name: 'Canceled' }).waitFor()
    await page.locator('.bulk-call .badge', { hasText: /^canceled$/ }).waitFor()
    t.strictSame(problems, [])
  },
)

test(
  'given a key that may not read transfers, when it moves a call or a queue, then the page confirms it',
  { skip, timeout },
  async (t) => {
    const writerKey = `hk_writer_${'w'.repeat(43)}`
    const system = await startTestSystem(t, { ...consoleSettings, API_KEYS: `${consoleSettings.API_KEYS},${writerKey}:transfers:write` })
    loadDefaultScenario(system.control)
    const [conversationId] = defaultScenario.conversations
    addWaiting(system, 1)
    const { page, problems } = await openConsole(t, system.url, { key: writerKey, view: `try?conversationId=${conversationId}` })
    await page.locator('#try-queueId').fill(queues.unstaffed)
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByRole('button', { name: 'Transfer for real…' }).click()
    await page.getByRole('button', { name: 'Move the call' }).click()
    await page.getByText('The call is on its way to').waitFor()
    t.equal(await page.locator('dialog[open]').count(), 0)
    t.equal(system.control.transfers(String(conversationId)).length, 1)

    await page.getByRole('link', { name: 'Bulk' }).click()
    await fillForm(page)
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByRole('button', { name: /^Move \d calls?…/ }).click()
    await page.getByRole('button', { name: 'Move the calls' }).click()
    await page.getByText('The bulk transfer has started').waitFor()
    t.equal(await page.locator('dialog[open]').count(), 0)
    t.strictSame(await findViolations(page), [])
    t.strictSame(problems, [])
  },
)
