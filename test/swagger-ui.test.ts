/** Swagger UI in a real browser: it loads without errors, fits the screen and the system's colors, takes a key, and shows what it gets. */
import { createServer, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { test } from 'tap'
import { loadDefaultScenario } from '../src/simulator/control/default-scenario.ts'
import type { Transfer } from '../src/model/transfer.ts'
import { transferRequests } from '../src/plugins/documents/examples/transfer-requests.ts'
import { authorize, execute, expandOperation, openAuthorizeDialog, openSwaggerUi, skipWithoutBrowser as skip } from './support/browser.ts'
import { operationsKey } from './support/settings.ts'
import { startTestSystem } from './support/test-system.ts'

t.setTimeout(240_000)
const timeout = 240_000

test('given the documentation in a browser, then it loads, and a call can be transferred from it', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t)
  loadDefaultScenario(system.control)
  const { page, problems, foreignRequests } = await openSwaggerUi(t, system.url)

  await t.test(
    'given the documentation in a browser, then the main operations are there, and the browser reports no problem',
    async (t) => {
      const summaries = await page
        .locator('.opblock-summary-path')
        .evaluateAll((elements) => elements.map((element) => (element as unknown as { dataset: { path: string } }).dataset.path))
      for (const path of [
        '/v1/transfers',
        '/v1/transfers/{id}',
        '/v1/transfers/{id}/audit',
        '/v1/transfers/summary',
        '/v1/webhook-deliveries',
        '/v1/audit',
        '/health',
        '/ready',
        'transfer.picked_up',
      ])
        t.ok(summaries.includes(path), path)
      t.strictSame([problems, foreignRequests], [[], []], 'there is no problem, and nothing is loaded from another host')
      t.equal(await page.title(), 'Handoff')
    },
  )

  await t.test(
    'given the documentation in a browser, when a key is entered and the example is executed unchanged, then the call is transferred',
    async (t) => {
      await authorize(page, operationsKey)
      const operation = await expandOperation(page, 'transfers', 'requestTransfer')
      const body = operation.locator('textarea.body-param__text')
      t.strictSame(JSON.parse(await body.inputValue()), transferRequests['skill']?.value, 'the body is the first example')
      const response = await execute(page, operation, 'POST', /^\/v1\/transfers$/)
      t.equal(response.status(), 202)
      const transfer = (await response.json()) as Transfer
      t.match(transfer, { state: 'initiated', requestedBy: 'ops', resolvedTarget: { type: 'skill' } })
      t.equal(system.control.transfers(transfer.conversationId).length, 1)
      await operation.locator('.live-responses-table', { hasText: transfer.id }).waitFor()
      t.strictSame(problems, [])
    },
  )

  await t.test('given the audit trail, when it is exported, then its lines are shown as text', async (t) => {
    const operation = await expandOperation(page, 'audit', 'exportAudit')
    const response = await execute(page, operation, 'GET', /^\/v1\/audit$/)
    const [firstLine = ''] = (await response.text()).split('\n')
    const shown = operation.locator('.live-responses-table .highlight-code').first()
    t.ok((await shown.innerText()).includes(firstLine.slice(0, 60)), 'the lines are shown')
    t.notMatch(await shown.innerText(), /can't parse/)
  })

  await t.test('given a page with a key, when it is reloaded, then it still has the key', async (t) => {
    await page.reload()
    await page.locator('.authorize.locked, .btn.authorize.locked').first().waitFor()
    t.pass()
  })
})

test(
  'given the documentation, when the Authorize dialog opens, then the cursor is in the field for the key, in view',
  { skip, timeout },
  async (t) => {
    const { url } = await startTestSystem(t)
    const { page } = await openSwaggerUi(t, url, { viewport: { width: 1280, height: 700 } })
    const dialog = await openAuthorizeDialog(page)
    t.match(await dialog.locator('h4').first().innerText(), /^key\s+\(http, Bearer\)/, 'the first scheme is the API key')
    const field = dialog.locator('input').first()
    await dialog.locator('input:focus').waitFor()
    t.ok(await field.evaluate((input) => input === input.ownerDocument.activeElement), 'the first field has the focus')
    const [content, box] = [await dialog.locator('.modal-ux-content').boundingBox(), await field.boundingBox()]
    t.ok(content && box && box.y >= content.y && box.y + box.height <= content.y + content.height, 'the field is in view', { content, box })
  },
)

test(
  'given a key as an OAuth client, when it is entered in the Authorize dialog, then the page gets a token and uses it',
  { skip, timeout },
  async (t) => {
    const { url } = await startTestSystem(t)
    const { page, problems } = await openSwaggerUi(t, url)
    const dialog = await openAuthorizeDialog(page)
    await dialog.locator('[id^="client_id"]').fill('ops')
    await dialog.locator('[id^="client_secret"]').fill(operationsKey)
    const issued = page.waitForResponse(`${url}/oauth/token`)
    await dialog.locator('button.authorize').last().click()
    const { access_token: token } = (await (await issued).json()) as { access_token: string }
    await dialog.getByRole('button', { name: 'Close' }).first().click()
    const response = await execute(page, await expandOperation(page, 'transfers', 'listTransfers'), 'GET', /^\/v1\/transfers$/)
    t.equal(response.status(), 200)
    t.equal(await response.request().headerValue('authorization'), `Bearer ${token}`)
    t.strictSame(problems, [])
  },
)

test('given a phone, when the documentation opens, then it is as wide as the screen', { skip, timeout }, async (t) => {
  const { url } = await startTestSystem(t)
  const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
  const { page, problems } = await openSwaggerUi(t, url, phone)
  const widthOf = (): Promise<number[]> =>
    page.evaluate(() => {
      const { innerWidth, document } = globalThis as unknown as { innerWidth: number; document: { body: { scrollWidth: number } } }
      return [innerWidth, document.body.scrollWidth]
    })
  t.strictSame(await widthOf(), [390, 390])
  await expandOperation(page, 'transfers', 'requestTransfer')
  t.strictSame(await widthOf(), [390, 390], 'also with an operation')
  t.strictSame(problems, [])
})

test("given a system with dark colors, then the page is dark, and follows the system's changes", { skip, timeout }, async (t) => {
  const { url } = await startTestSystem(t)
  const { page } = await openSwaggerUi(t, url, { colorScheme: 'dark' })
  const isDark = (selector: string): Promise<boolean> =>
    page.locator(selector).evaluate((element) => {
      const { getComputedStyle } = globalThis as unknown as { getComputedStyle: (target: unknown) => { backgroundColor: string } }
      const [red = 255, green = 255, blue = 255] = (getComputedStyle(element).backgroundColor.match(/\d+/g) ?? []).map(Number)
      return red + green + blue < 300
    })
  t.strictSame([await isDark('body'), await isDark('.swagger-ui')], [true, true])
  await page.emulateMedia({ colorScheme: 'light' })
  await page.locator('html:not(.dark-mode)').waitFor()
  t.equal(await isDark('body'), false)
})

test('given a proxy that removes a path, then the documentation works behind it', { skip, timeout }, async (t) => {
  const system = await startTestSystem(t, { TRUST_PROXY: '127.0.0.1' })
  loadDefaultScenario(system.control)
  const proxy = createServer((incoming, outgoing) => {
    if (!incoming.url?.startsWith('/handoff/')) return void outgoing.writeHead(404).end()
    const headers = { ...incoming.headers, 'x-forwarded-prefix': '/handoff' }
    const forwarded = sendRequest(
      system.url + incoming.url.slice('/handoff'.length),
      { method: incoming.method ?? 'GET', headers },
      (response) => response.pipe(outgoing.writeHead(response.statusCode ?? 502, response.headers)),
    )
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => proxy.close())
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/handoff`
  const { page, problems, foreignRequests } = await openSwaggerUi(t, url)
  await authorize(page, operationsKey)
  const requestOperation = await expandOperation(page, 'transfers', 'requestTransfer')
  t.equal((await execute(page, requestOperation, 'POST', /^\/handoff\/v1\/transfers$/)).status(), 202)
  const readOperation = await expandOperation(page, 'transfers', 'getTransfer')
  t.equal((await execute(page, readOperation, 'GET', /^\/handoff\/v1\/transfers\/.+/)).status(), 200)
  t.strictSame([problems, foreignRequests], [[], []], 'every request goes through the proxy')
})
