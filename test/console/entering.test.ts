/** Entering things in the console: names for ids, filters by the keyboard, and addresses that mean the same to everyone who opens them. */
import t, { test } from 'tap'
import type { Page } from 'playwright-core'
import { defaultScenario, loadDefaultScenario } from '../../src/simulator/control/default-scenario.ts'
import { skipWithoutBrowser as skip } from '../support/browser.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { writeIndeterminate } from '../support/indeterminate-transfer.ts'
import { startTestSystem } from '../support/test-system.ts'
import { consoleSettings, goTo, openConsole } from './console-page.ts'

t.setTimeout(300_000)
const timeout = 240_000

const focusedText = (page: Page): Promise<string> => page.evaluate('document.activeElement.textContent.trim()')

test('given the filters, when a state is chosen by the keyboard, then the focus stays on it', { skip, timeout }, async (t) => {
  const { url } = await startTestSystem(t, consoleSettings)
  const { page } = await openConsole(t, url, { view: 'search' })
  await page.getByRole('button', { name: 'Waiting' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/state=initiated$/)
  await page.locator('.chip[aria-pressed=true]', { hasText: 'Waiting' }).waitFor()
  t.equal(await focusedText(page), 'Waiting')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await page.waitForURL(/state=initiated,indeterminate$/)
  t.equal(await focusedText(page), 'Unclear')
  await page.goBack()
  await page.waitForURL(/state=initiated$/)
  await page.locator('.chip[aria-pressed=false]', { hasText: 'Unclear' }).waitFor()
})

test(
  'given a search by time, when its address is opened in another time zone, then the same time is meant',
  { skip, timeout },
  async (t) => {
    const { url } = await startTestSystem(t, consoleSettings)
    const asked = (page: Page): Promise<string> =>
      page
        .waitForRequest((request) => request.url().includes('/v1/transfers?') && request.url().includes('since='))
        .then((request) => String(new URL(request.url()).searchParams.get('since')))
    const { page: indianapolis } = await openConsole(t, url, { view: 'search', timezoneId: 'America/Indiana/Indianapolis' })
    await indianapolis.getByLabel('From').fill('2026-11-28T09:00')
    const since = asked(indianapolis)
    await indianapolis.getByRole('search').getByRole('button', { name: 'Search' }).click()
    t.equal(await since, '2026-11-28T14:00:00.000Z')
    const view = new URL(indianapolis.url()).hash.slice(2)

    const { page: berlin } = await openConsole(t, url, {
      view,
      timezoneId: 'Europe/Berlin',
      beforeOpening: async (page) => void asked(page).then((text) => t.equal(text, '2026-11-28T14:00:00.000Z')),
    })
    await berlin.locator('.empty').waitFor()
    t.equal(await berlin.getByLabel('From').inputValue(), '2026-11-28T15:00')
  },
)

test('given names that the service has told, then a queue is entered by its name', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, consoleSettings)
  loadDefaultScenario(system.control)
  const { queues, conversations } = defaultScenario
  await system.postTransfer({ conversationId: conversations[1], target: { type: 'queue', queueId: queues.unstaffed } })
  const { page, problems } = await openConsole(t, system.url, { view: `try?conversationId=${conversations[0]}` })
  await page.locator('#names-queue option[value=Unstaffed]').waitFor({ state: 'attached' })
  await page.locator('#try-queueId').fill('Unstafed')
  await page.getByRole('button', { name: 'Dry run' }).click()
  t.match(
    await page.locator('#try-queueId').evaluate((input) => (input as unknown as { validationMessage: string }).validationMessage),
    /Enter the id of the queue/,
  )
  await page.locator('#try-queueId').fill('Unstaffed')
  await page.getByRole('button', { name: 'Dry run' }).click()
  await page.getByRole('heading', { name: 'The call would go to Unstaffed' }).waitFor()
  t.strictSame(problems, [])
})

test('given an address that was cut or mistyped, then the page says that there is nothing', { skip, timeout }, async (t) => {
  const { url } = await startTestSystem(t, consoleSettings)
  for (const view of ['transfers/%E0%A4%A', 'nowhere', 'transfers', 'search?since=yesterday']) {
    const { page } = await openConsole(t, url, { view })
    await page.locator('.empty, .notice').first().waitFor()
    t.equal(await page.locator('nav').count(), 1, view)
  }
})

test(
  'given an address with a wrong id or filter, then the page says in plain words what is wrong with it',
  { skip, timeout },
  async (t) => {
    const { url } = await startTestSystem(t, consoleSettings)
    const { page } = await openConsole(t, url)
    for (const [view, words] of [
      ['transfers/01a223e8-c900', 'This address is not complete'],
      ['bulk/01a223e8-c900', 'This address is not complete'],
      ['search?conversationId=123', 'The filter “Conversation” is not right'],
      ['search?since=yesterday', 'The filter “From” is not right'],
    ] as const) {
      await goTo(page, view)
      await page.getByText(words).waitFor()
      t.strictSame([await page.getByText('(a UUID)').count(), await page.getByRole('button', { name: 'Try again' }).count()], [0, 0], view)
    }
  },
)

test('given an open dialog, when someone goes elsewhere, then the dialog does not take them back', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, consoleSettings)
  const { conversationId, queueId } = setUpIvrCall(system.control)
  const id = await writeIndeterminate(system, { conversationId, queueId })
  const { page } = await openConsole(t, system.url, { view: 'live' })
  const settled = () => page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))')
  for (const leave of ["location.hash = '#/try'", "document.querySelector('dialog').close(); location.hash = '#/try'", 'history.back()']) {
    await page.getByRole('heading', { name: /^(Live|Try)$/ }).waitFor()
    await goTo(page, 'live')
    await page.locator('.stuck-card').waitFor()
    await goTo(page, `transfers/${id}?do=settle`)
    await page.locator('dialog[open]').waitFor()
    await page.evaluate(leave)
    await page.getByRole('heading', { name: /^(Live|Try)$/ }).waitFor()
    await settled()
    t.match(page.url(), /#\/(live|try)$/, leave)
  }
})
