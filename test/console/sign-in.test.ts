/** Signing in to the console in a real browser: where the key is kept, and what it opens. */
import t, { test } from 'tap'
import { openBrowser, skipWithoutBrowser as skip } from '../support/browser.ts'
import { operationsKey, readerKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { consoleSettings, findViolations, openConsole, signIn } from './console-page.ts'

t.setTimeout(240_000)
const timeout = 240_000

test('given a key, when someone signs in, then it is kept for the tab and is never part of an address', { skip, timeout }, async (t) => {
  const { url } = await startTestSystem(t, consoleSettings)
  const { page, problems, foreignRequests } = await openBrowser(t, url)
  const addresses: string[] = []
  page.on('request', (request) => addresses.push(request.url()))
  await page.goto(`${url}/console`)
  await page.locator('#key').waitFor()
  t.strictSame(await findViolations(page), [])
  await signIn(page, operationsKey)
  await page.getByRole('heading', { name: 'Live' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Live' }).waitFor()
  t.equal(await page.evaluate('localStorage.length + document.cookie.length'), 0)
  t.strictSame(
    [...addresses, page.url()].filter((address) => address.includes(operationsKey.slice(8))),
    [],
  )
  t.strictSame([problems, foreignRequests], [[], []])

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.locator('#key').waitFor()
  t.equal(await page.evaluate('sessionStorage.length'), 0, 'nothing is left of the key')
})

test('given a wrong key, then the page says so, and the cursor is in the field again', { skip, timeout }, async (t) => {
  const { url } = await startTestSystem(t)
  const { page } = await openBrowser(t, url)
  await page.goto(`${url}/console/`)
  await page.locator('#key').fill(`hk_nobody_${'x'.repeat(43)}`)
  await page.keyboard.press('Enter')
  await page.getByRole('alert').filter({ hasText: 'unknown or was revoked' }).waitFor()
  t.equal(await page.locator('#key').evaluate((input) => input === input.ownerDocument.activeElement), true)
})

test('given a key that may only read, then nothing is shown that it may not do', { skip, timeout }, async (t) => {
  const { url } = await startTestSystem(t)
  const { page } = await openConsole(t, url, { key: readerKey })
  await page.getByRole('link', { name: 'Search' }).waitFor()
  t.strictSame([await page.getByRole('link', { name: 'Try' }).count(), await page.getByRole('link', { name: 'Bulk' }).count()], [0, 0])
  await page.goto(`${url}/console/#/try`)
  await page.getByRole('heading', { name: 'Nothing here' }).first().waitFor()
})

test('given an open page, when its key is revoked, then the page says why it asks for a key', { skip, timeout }, async (t) => {
  const { url } = await startTestSystem(t, consoleSettings)
  const { page } = await openConsole(t, url, { view: 'search' })
  // The first search is over: it is not the one that is refused.
  await page.getByRole('heading', { name: 'No transfers yet' }).waitFor()
  await page.route('**/v1/transfers?*', (route) => route.fulfill({ status: 401, json: { code: 'UNAUTHENTICATED' } }))
  await page.getByRole('button', { name: 'Unclear' }).click()
  await page.getByRole('alert').filter({ hasText: 'You were signed out' }).waitFor()
  await page.unroute('**/v1/transfers?*')
  await signIn(page, operationsKey)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.locator('#key').waitFor()
  t.equal(await page.getByRole('alert').count(), 0, 'whoever signs out knows why')
})
