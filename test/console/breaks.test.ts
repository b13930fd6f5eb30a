/** The live view when the connection breaks: the service restarts, is gone, or the tab was in the background for an hour. */
import { join } from 'node:path'
import t, { test } from 'tap'
import type { Page } from 'playwright-core'
import { skipWithoutBrowser as skip } from '../support/browser.ts'
import { build, type BuiltService } from '../support/build.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { writeIndeterminate } from '../support/indeterminate-transfer.ts'
import { startService } from '../support/service.ts'
import { operationsKey, testSettings } from '../support/settings.ts'
import { startPlatformAndCrm, startTestSystem, type TestSystem } from '../support/test-system.ts'
import { acceptedAuditDraft, createTestRecord } from '../support/transfer-record.ts'
import { waitFor } from '../support/wait-for.ts'
import { consoleSettings, findViolations, openConsole } from './console-page.ts'

t.setTimeout(300_000)
const timeout = 150_000

/** Hides or shows the tab: in a browser without a window all tabs count as seen. */
const setHidden = (page: Page, isHidden: boolean): Promise<unknown> =>
  page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} });
    document.dispatchEvent(new Event('visibilitychange'))`)

const settle = ({ request }: Pick<TestSystem, 'request'>, id: string) =>
  request('POST', `/v1/transfers/${id}/settle`, { state: 'abandoned', reason: 'The agent saw the caller hang up' })

/** Ends a transfer in a way that no event tells of. */
async function endWithoutEvent({ app }: Pick<TestSystem, 'app'>, id: string): Promise<void> {
  const record = await app.ledger.findTransfer(id)
  if (!record) throw new Error('there is no such transfer')
  await app.ledger.writeChange({ record: { ...record, state: 'abandoned', code: null }, from: 'indeterminate' })
}

async function writeMany(system: TestSystem, count: number, queueId: string): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index++) {
    const { conversationId } = system.control.addConversation({ in: 'ivr' })
    ids.push(await writeIndeterminate(system, { conversationId, queueId }))
  }
  return ids
}

const shown = (page: Page): Promise<string> => page.locator('.tile', { hasText: 'Under way' }).locator('dd').first().innerText()
const waitForShown = (page: Page, count: number): Promise<unknown> =>
  waitFor(async () => (await shown(page)) === String(count), `${count} transfers`)

test(
  'given a tab in the background for an hour, when it is seen again, then the list is right, whatever was missed',
  { skip, timeout },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    const { queueId } = setUpIvrCall(system.control)
    const ids = await writeMany(system, 230, queueId)
    const { page, problems } = await openConsole(t, system.url, { beforeOpening: (opened) => opened.clock.install() })
    await page.locator('.status.live').waitFor()
    await waitForShown(page, 230)

    const closed = page.waitForEvent('requestfailed', (request) => request.url().includes('/stream'))
    await setHidden(page, true)
    await page.clock.fastForward('06:00')
    await closed
    t.pass('after minutes in the background the connection is free for others')
    await page.clock.fastForward('54:00')
    for (const id of ids.slice(0, 220)) await settle(system, id)
    const [late] = await writeMany(system, 1, queueId)
    t.equal(await shown(page), '230', 'nobody sees it, so nothing is shown anew')

    await setHidden(page, false)
    await page.clock.fastForward('00:10')
    await waitForShown(page, 11)
    await page.locator(`a.row[href*="${late}"]`).waitFor()
    t.strictSame(problems, [])
  },
)

test('given a service that has restarted and counts its events anew, then the list is read again', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, consoleSettings)
  const { queueId } = setUpIvrCall(system.control)
  const [first = ''] = await writeMany(system, 2, queueId)
  const { page } = await openConsole(t, system.url)
  await page.locator('.status.live').waitFor()
  await waitForShown(page, 2)
  // A service that no longer has the events after the last one that the page knows says so by this event.
  await page.route('**/v1/transfers/stream**', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: 'id: 1\nevent: open\ndata: {}\n\nid: 1\nevent: skipped\ndata: {}\n\n' }),
  )
  await page.reload()
  await waitForShown(page, 2)
  await endWithoutEvent(system, first)
  await waitForShown(page, 1)
  t.pass()
})

test('given a service that is gone, then the page says so, keeps what it has, and goes on by itself', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, consoleSettings)
  const { queueId } = setUpIvrCall(system.control)
  const [first = ''] = await writeMany(system, 2, queueId)
  let isGone = true
  const { page } = await openConsole(t, system.url, {
    beforeOpening: (opened) => opened.route('**/v1/**', (route) => (isGone ? route.abort() : route.continue())),
  })
  await page.getByText('The service does not answer').first().waitFor()
  t.equal(await page.locator('.loading').count(), 0, 'it does not seem to load')
  isGone = false
  await page.locator('.status.live').waitFor()
  await waitForShown(page, 2)
  await settle(system, first)
  await waitForShown(page, 1)
})

test('given a list that cannot be read at first, then it is read again without a click', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, consoleSettings)
  const { queueId } = setUpIvrCall(system.control)
  await writeMany(system, 1, queueId)
  let isAway = true
  const { page } = await openConsole(t, system.url, {
    beforeOpening: (opened) =>
      opened.route('**/v1/transfers?**', (route) =>
        isAway
          ? route.fulfill({ status: 503, json: { detail: 'The ledger is away', code: 'LEDGER_UNAVAILABLE', retryable: true } })
          : route.continue(),
      ),
  })
  await page.getByText('The ledger is away').waitFor()
  isAway = false
  await waitForShown(page, 1)
  t.equal(await page.getByText('The ledger is away').count(), 0)
})

test('given text with line separators of Unicode, then the events go on', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, consoleSettings)
  const { page } = await openConsole(t, system.url)
  await page.locator('.status.live').waitFor()
  await page.getByRole('heading', { name: 'All quiet' }).waitFor()
  const record = createTestRecord({ summary: 'one\u2028two', reason: 'separator', receivedAt: Date.now() })
  await system.app.ledger.openTransfer({ record, identity: record.id, audit: acceptedAuditDraft(record) })
  await page.locator('a.row', { hasText: 'separator' }).waitFor()
  t.pass()
})

test(
  'given a service that restarts while the browser has frozen the tab, then the list is right once the tab goes on',
  { skip, timeout },
  async (t) => {
    const { simulator, crm } = await startPlatformAndCrm(t)
    const { otherQueueId } = setUpIvrCall(simulator.control)
    const settings = {
      ...testSettings(simulator.url, crm.url),
      ...consoleSettings,
      DATABASE_URL: `sqlite:${join(t.testdir(), 'handoff.db')}`,
    }
    /** Transfers a new call to a queue that nobody serves. @returns the ids of the call and of the transfer */
    async function transfer({ app }: BuiltService): Promise<{ conversationId: string; id: string }> {
      const { conversationId } = simulator.control.addConversation({ in: 'ivr' })
      const answer = await app.inject({
        method: 'POST',
        url: '/v1/transfers',
        headers: { authorization: `Bearer ${operationsKey}` },
        payload: { conversationId, target: { type: 'queue', queueId: otherQueueId } },
      })
      return { conversationId, id: answer.json<{ id: string }>().id }
    }
    const before = await startService(t, settings)
    const [first, second] = [await transfer(before), await transfer(before)]
    const { page } = await openConsole(t, before.url)
    await page.locator('.status.live').waitFor()
    await waitForShown(page, 2)

    const session = await page.context().newCDPSession(page)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    simulator.control.hangUp(first.conversationId)
    await before.waitForState(first.id, 'abandoned')
    await before.stop()
    const after = await build(t, settings)
    await after.app.listen({ host: '127.0.0.1', port: Number(new URL(before.url).port) })
    const third = await transfer(after)
    await session.send('Page.setWebLifecycleState', { state: 'active' })

    const row = ({ id }: { id: string }) => page.locator(`a.row[href*="${id}"]`)
    for (const open of [second, third]) await row(open).waitFor()
    await row(first).waitFor({ state: 'detached' })
    await page.locator('.status.live').waitFor()
    t.equal(await shown(page), '2')
  },
)

test(
  'given a view that cannot be loaded, when it is opened, then it says so, and it is there after another try',
  { skip, timeout },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    const modules = '**/console/views/search.js'
    const { page } = await openConsole(t, system.url, { beforeOpening: (opened) => opened.route(modules, (route) => route.abort()) })
    await page.getByRole('link', { name: 'Search' }).click()
    await page.getByText('This view could not be loaded.').waitFor()
    t.strictSame(await findViolations(page), [])
    await page.unroute(modules)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'No transfers yet' }).waitFor()
  },
)
