/** Swagger UI in a real browser: it loads without errors, and its example transfers a call. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import t, { test } from 'tap'
import { loadDefaultScenario } from '../src/simulator/control/default-scenario.ts'
import type { Transfer } from '../src/model/transfer.ts'
import { operationsKey } from './support/settings.ts'
import { startTestSystem } from './support/test-system.ts'

t.setTimeout(120_000)

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const skip = !existsSync(executablePath) && `there is no browser at ${executablePath} (install Chromium, or set CHROMIUM_PATH)`
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

test('given the documentation in a browser, then it loads, and a call can be transferred from it', { skip, timeout: 90_000 }, async (t) => {
  const system = await startTestSystem(t)
  loadDefaultScenario(system.control)
  const profile = mkdtempSync(join(tmpdir(), 'handoff-browser-'))
  const browser = await chromium.launchPersistentContext(profile, { executablePath, args, viewport: { width: 1280, height: 1600 } })
  t.teardown(async () => {
    await browser.close()
    rmSync(profile, { recursive: true, force: true })
  })
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('response', (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`))
  const foreignRequests: string[] = []
  page.on(
    'request',
    (request) => !request.url().startsWith(system.url) && !request.url().startsWith('data:') && foreignRequests.push(request.url()),
  )

  await page.goto(`${system.url}/docs`)
  await page.getByRole('heading', { name: /Handoff/ }).waitFor()

  await t.test(
    'given the documentation in a browser, then the main operations are there, and the browser reports no problem',
    async (t) => {
      await page.locator('.opblock').first().waitFor()
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
      ])
        t.ok(summaries.includes(path), path)
      t.strictSame([problems, foreignRequests], [[], []], 'there is no problem, and nothing is loaded from another host')
      t.equal(await page.title(), 'Handoff')
    },
  )

  await t.test(
    'given the documentation in a browser, when a key is entered and the example is executed unchanged, then the call is transferred',
    { timeout: 60_000 },
    async (t) => {
      await authorize(page, operationsKey)
      const operation = page.locator('#operations-transfers-requestTransfer')
      await operation.locator('.opblock-summary').click()
      const body = operation.locator('textarea.body-param__text')
      await body.waitFor()
      const example = system.app.swagger() as unknown as { components: { schemas: { TransferRequest: { examples: object[] } } } }
      t.strictSame(JSON.parse(await body.inputValue()), example.components.schemas.TransferRequest.examples[0], 'the body is the example')
      await operation.getByRole('button', { name: 'Execute' }).click()
      const live = operation.locator('.live-responses-table')
      await live.locator('.response-col_status', { hasText: /\d{3}/ }).first().waitFor()
      t.match(await live.locator('tbody .response-col_status').first().innerText(), /^202/)
      const transfer = JSON.parse(await live.locator('.highlight-code code, .highlight-code pre').first().innerText()) as Transfer
      t.match(transfer, { state: 'initiated', requestedBy: 'ops', resolvedTarget: { type: 'skill' } })
      t.equal(system.control.transfers(transfer.conversationId).length, 1)
      t.strictSame(problems, [])
    },
  )

  await t.test('given a page with a key, when it is reloaded, then it still has the key', async (t) => {
    await page.reload()
    await page.locator('.authorize.locked, .btn.authorize.locked').first().waitFor()
    t.pass()
  })
})

async function authorize(page: Page, key: string): Promise<void> {
  await page.getByRole('button', { name: 'Authorize' }).first().click()
  const dialog = page.locator('.dialog-ux')
  await dialog.locator('input').first().fill(key)
  await dialog.locator('button.authorize[type=submit]').first().click()
  await dialog.getByRole('button', { name: 'Close' }).first().click()
}
