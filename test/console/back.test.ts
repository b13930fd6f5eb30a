/** Back from a transfer: the list is where it was, and the keyboard goes on at the row that was opened. */
import t, { test } from 'tap'
import type { Page } from 'playwright-core'
import { skipWithoutBrowser as skip } from '../support/browser.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { writeIndeterminate } from '../support/indeterminate-transfer.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'
import { consoleSettings, openConsole } from './console-page.ts'

t.setTimeout(240_000)
const timeout = 240_000

const focusedAddress = (page: Page): Promise<string | null> => page.evaluate("document.activeElement.getAttribute('href')")
const scrolled = (page: Page): Promise<number> => page.evaluate("document.querySelector('.virtual').scrollTop")

for (const [view, rows] of [
  ['live', 60],
  // Those after 200 are on the second page of the search.
  ['search', 205],
] as const)
  test(
    `given a long list in ${view}, when someone comes back from a transfer, then place and focus are as before`,
    { skip, timeout },
    async (t) => {
      const system = await startTestSystem(t, consoleSettings)
      const { queueId } = setUpIvrCall(system.control)
      for (let count = 0; count < rows; count++)
        await writeIndeterminate(system, { conversationId: system.control.addConversation({ in: 'ivr' }).conversationId, queueId })
      const { page, problems } = await openConsole(t, system.url, { view })
      await page.locator('a.row').first().waitFor()
      await page.locator('a.row').first().focus()
      await waitFor(async () => {
        await page.keyboard.press('End')
        return (await page.evaluate("document.activeElement.closest('[data-index]')?.dataset.index")) === String(rows - 1)
      }, 'the last row')
      for (let count = 0; count < 5; count++) await page.keyboard.press('ArrowUp')
      const before = [await focusedAddress(page), await scrolled(page)]
      await page.keyboard.press('Enter')
      await page.locator('.picture').waitFor()
      await page.goBack()
      // The list is not as long as before until its second page is there.
      await waitFor(
        async () => (await focusedAddress(page)) === before[0] && (await scrolled(page)) === before[1],
        'the row, where it was',
        30_000,
      )

      await page.getByRole('navigation').getByRole('link', { name: 'How it goes' }).click()
      await page.getByRole('heading', { name: 'How it goes' }).waitFor()
      await page
        .getByRole('navigation')
        .getByRole('link', { name: view === 'live' ? 'Live' : 'Search' })
        .click()
      await page.locator('a.row').first().waitFor()
      t.equal(await scrolled(page), 0, 'whoever opens the view anew begins at the top')
      t.strictSame(problems, [])
    },
  )

test('given a stuck call, when someone comes back from it, then the keyboard goes on at its link', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, consoleSettings)
  const { conversationId, queueId } = setUpIvrCall(system.control)
  const id = await writeIndeterminate(system, { conversationId, queueId })
  const { page, problems } = await openConsole(t, system.url, { view: 'live' })
  await page.locator('.stuck-card').getByRole('link', { name: 'Open' }).click()
  await page.locator('.picture').waitFor()
  await page.goBack()
  await waitFor(async () => (await focusedAddress(page)) === `#/transfers/${id}`, 'the focus on the link')
  t.equal(await page.evaluate("document.activeElement.closest('.stuck-card') !== null"), true)
  t.strictSame(problems, [])
})
