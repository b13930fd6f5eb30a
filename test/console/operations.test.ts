/** What a person does with the console, by the keyboard where that is harder: finds the stuck call and settles it, tries a transfer, follows calls. */
import t, { test } from 'tap'
import type { Page } from 'playwright-core'
import { defaultScenario, loadDefaultScenario } from '../../src/simulator/control/default-scenario.ts'
import { skipWithoutBrowser as skip } from '../support/browser.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { writeIndeterminate } from '../support/indeterminate-transfer.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'
import { consoleSettings, findViolations, openConsole } from './console-page.ts'

t.setTimeout(240_000)
const timeout = 240_000

/** Presses Tab until something is focused: by its text, or the value of a field. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if ((await page.evaluate('document.activeElement.value || document.activeElement.textContent.trim()')) === wanted) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${wanted} cannot be reached by the keyboard`)
}

test('given a stuck call, then it is on top with what to do, and can be settled by keyboard alone', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, consoleSettings)
  const { conversationId, queueId } = setUpIvrCall(system.control)
  const id = await writeIndeterminate(system, { conversationId, queueId })
  const { page, problems } = await openConsole(t, system.url)
  const card = page.locator('.stuck-card')
  await card.filter({ hasText: 'Look at the conversation in Genesys Cloud' }).waitFor()
  await tabTo(page, 'Settle…')
  await page.keyboard.press('Enter')
  await page.locator('dialog[open]').waitFor()
  for (const choice of ['The call was moved', 'The caller had hung up']) await page.getByRole('radio', { name: choice }).waitFor()
  await tabTo(page, 'initiated')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Tab')
  await page.keyboard.insertText('The agent saw the caller hang up')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.locator('.story', { hasText: 'Hung up' }).getByText('Settled by ops: The agent saw the caller hang up').waitFor()
  await page.locator('.events li', { hasText: 'Settled: hung up' }).waitFor()
  t.equal(await page.locator('dialog[open]').count(), 0)
  await page.locator('main h1:focus').waitFor()
  t.pass('the keyboard goes on where the view begins')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'All quiet' }).waitFor()
  const settled = await waitFor(async () => {
    const record = await system.app.ledger.findTransfer(id)
    return record?.state === 'abandoned' ? record : undefined
  }, 'the settled transfer')
  t.equal(settled.state, 'abandoned')
  t.strictSame(problems, [])
})

test(
  'given a callback of which it is not known whether it was created, then it can be settled as created',
  { skip, timeout },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    const { conversationId, queueId } = setUpIvrCall(system.control)
    await writeIndeterminate(system, { conversationId, queueId, type: 'callback' })
    const { page, problems } = await openConsole(t, system.url)
    await page
      .locator('.stuck-card')
      .filter({ hasText: 'is there a callback for the caller?' })
      .getByRole('link', { name: 'Settle…' })
      .click()
    await page.getByRole('radio', { name: 'The callback was created' }).check()
    await page.locator('#settle-reason').fill('It is in the list of callbacks')
    await page.getByRole('button', { name: 'Settle', exact: true }).click()
    await page.locator('.story', { hasText: 'A callback was created' }).waitFor()
    t.strictSame(problems, [])
  },
)

test('given the live view, when a call is transferred elsewhere, then it appears without a reload', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, consoleSettings)
  loadDefaultScenario(system.control)
  const { page, problems } = await openConsole(t, system.url)
  await page.locator('.status.live').waitFor()
  await page.getByRole('heading', { name: 'All quiet' }).waitFor()
  const { status } = await system.postTransfer({
    conversationId: defaultScenario.conversations[0],
    target: { type: 'queue', queueId: defaultScenario.queues.unstaffed },
    reason: 'billing_dispute',
  })
  t.equal(status, 202)
  await page.locator('a.row', { hasText: 'billing_dispute' }).waitFor()
  t.strictSame(problems, [])
})

test(
  'given a call, when it is tried, then a dry run shows what is considered, and it moves after a confirmation',
  { skip, timeout },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    loadDefaultScenario(system.control)
    const conversationId = String(defaultScenario.conversations[0])
    const { page, problems } = await openConsole(t, system.url, { view: `try?conversationId=${conversationId}` })
    await page.locator('#try-queueId').fill(defaultScenario.queues.unstaffed)
    await page.locator('#priority').fill('3')
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.locator('.considered .taken').waitFor()
    t.equal(system.control.transfers(conversationId).length, 0, 'nothing has moved')
    t.strictSame(
      [await page.locator('#conversation').inputValue(), await page.locator('#priority').inputValue()],
      [conversationId, '3'],
      'the form still has what was entered',
    )
    await page.getByRole('button', { name: 'Transfer for real…' }).click()
    await page.getByRole('button', { name: 'Move the call' }).click()
    await page.locator('.picture').waitFor()
    t.equal(system.control.transfers(conversationId).length, 1)
    t.strictSame(problems, [])
  },
)

test('given a search, then its address can be shared, and what it found can be saved', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, consoleSettings)
  const { conversationId, queueId } = setUpIvrCall(system.control)
  await writeIndeterminate(system, { conversationId, queueId })
  const { page } = await openConsole(t, system.url, { view: 'search' })
  await page.locator('a.row').waitFor()
  await page.getByRole('button', { name: 'Unclear' }).click()
  await page.waitForURL(/#\/search\?state=indeterminate$/)
  await page.locator('a.row').waitFor()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV' }).click()
  t.match((await download).suggestedFilename(), /^transfers-.*\.csv$/)
  await page.reload()
  await page.locator('.chip[aria-pressed=true]', { hasText: 'Unclear' }).waitFor()
  t.pass()
})

test(
  'given calls that wait in a queue, then a dry run lists them, and they are moved after a confirmation',
  { skip, timeout },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    loadDefaultScenario(system.control)
    const { queues } = defaultScenario
    const waiting = [1, 2].map(() => system.control.addConversation({ in: { queueId: queues.unstaffed } }).conversationId)
    const { page, problems } = await openConsole(t, system.url, { view: 'bulk' })
    await page.getByRole('heading', { name: 'No bulk transfer yet' }).waitFor()
    await page.locator('#from').fill(queues.unstaffed)
    await page.locator('#bulk-queueId').fill(queues.support)
    await page.locator('#bulk-reason').fill('queue_closed')
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByRole('heading', { name: '2 of 2 calls would go to' }).waitFor()
    t.equal(await page.locator('#from').inputValue(), queues.unstaffed, 'the form still has what was entered')
    t.strictSame(await findViolations(page), [])
    await page.getByRole('button', { name: 'Move 2 calls…' }).click()
    await page.getByRole('button', { name: 'Move the calls' }).click()
    await page.getByRole('heading', { name: 'Done' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: '→ Support' }).waitFor()
    t.strictSame(
      waiting.map((conversationId) => system.control.transfers(conversationId).length),
      [1, 1],
    )
    t.strictSame(await findViolations(page), [])

    await page.getByRole('navigation').getByRole('link', { name: 'Bulk' }).click()
    await page.locator('.deliveries li', { hasText: 'Moved 2 of 2' }).waitFor()
    await tabTo(page, 'Unstaffed → Support')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Done' }).waitFor()
    t.strictSame(problems, [])
  },
)

test(
  'given more waiting calls than the platform lists, then the page says that all are moved, or those up to the limit',
  { skip, timeout },
  async (t) => {
    const system = await startTestSystem(t, { ...consoleSettings, GENESYS_REQUESTS_PER_MINUTE: '6000' })
    loadDefaultScenario(system.control)
    const { queues } = defaultScenario
    for (let count = 0; count < 101; count++) system.control.addConversation({ in: { queueId: queues.unstaffed } })
    const { page, problems } = await openConsole(t, system.url, { view: 'bulk' })
    await page.locator('#from').fill(queues.unstaffed)
    await page.locator('#bulk-queueId').fill(queues.support)
    await page.locator('#bulk-reason').fill('queue_closed')
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByRole('heading', { name: '50 of the first 50 calls would go to' }).waitFor()
    await page.getByText('They are moved, too, 2,000 calls at most.').waitFor()
    await page.getByRole('button', { name: 'Move all calls…' }).click()
    await page.locator('dialog[open]', { hasText: 'All callers who wait in' }).waitFor()
    await page.keyboard.press('Escape')

    await page.locator('#limit').fill('20')
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByRole('button', { name: 'Move 20 calls…' }).waitFor()
    t.equal(await page.locator('.outcome .notice').count(), 0)
    t.strictSame(problems, [])
  },
)
