/** A real browser for tests of the pages: starts it, watches it for problems, and operates Swagger UI. */
import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page, type Response } from 'playwright-core'
import tap from 'tap'
import type { TestContext } from './build.ts'

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
/** Why the tests that need a browser are skipped; false if there is one. */
export const skipWithoutBrowser =
  !existsSync(executablePath) && `there is no browser at ${executablePath} (install Chromium, or set CHROMIUM_PATH)`
/** How long an action of the browser may take on a busy machine, ms. */
const actionTimeoutMs = 90_000
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

export interface OpenedPage {
  page: Page
  /** What the browser reports: errors, warnings, and requests that were answered with an error. */
  problems: string[]
  /** The addresses of requests to elsewhere than below `url`. */
  foreignRequests: string[]
}

let started: Promise<Browser> | undefined

/** The browser of this process, which is closed after the last test. */
function startBrowser(): Promise<Browser> {
  if (started) return started
  const browser = chromium.launch({ executablePath, args })
  started = browser
  tap.teardown(async () => (await browser).close())
  return browser
}

/**
 * Opens an empty page, which shares nothing with others in the same browser and is closed after the test.
 * @param url the address of the service, without a slash at its end
 */
export async function openBrowser(t: TestContext, url: string, options: BrowserContextOptions = {}): Promise<OpenedPage> {
  const browser = await startBrowser()
  const context = await browser.newContext({ viewport: { width: 1280, height: 1600 }, ...options })
  t.teardown(() => context.close())
  context.setDefaultTimeout(actionTimeoutMs)
  const page = await context.newPage()
  const problems: string[] = []
  const foreignRequests: string[] = []
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('response', (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`))
  page.on(
    'request',
    (request) => !request.url().startsWith(`${url}/`) && !request.url().startsWith('data:') && foreignRequests.push(request.url()),
  )
  return { page, problems, foreignRequests }
}

/** Opens Swagger UI, as `openBrowser` opens a page. */
export async function openSwaggerUi(t: TestContext, url: string, options: BrowserContextOptions = {}): Promise<OpenedPage> {
  const opened = await openBrowser(t, url, options)
  await opened.page.goto(`${url}/docs`)
  await opened.page.locator('.opblock').first().waitFor()
  return opened
}

/** Opens the Authorize dialog. */
export async function openAuthorizeDialog(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Authorize' }).first().click()
  const dialog = page.locator('.dialog-ux')
  await dialog.waitFor()
  return dialog
}

/** Enters an API key in the dialog, where the page puts the cursor. */
export async function authorize(page: Page, key: string): Promise<void> {
  const dialog = await openAuthorizeDialog(page)
  await dialog.locator('input:focus').waitFor()
  await page.keyboard.insertText(key)
  await dialog.locator('button.authorize[type=submit]').first().click()
  await dialog.getByRole('button', { name: 'Close' }).first().click()
}

/** Expands an operation. */
export async function expandOperation(page: Page, tag: string, operationId: string): Promise<Locator> {
  const operation = page.locator(`[id="operations-${tag}-${operationId}"]`)
  await operation.locator('.opblock-summary').click()
  await operation.getByRole('button', { name: 'Execute' }).waitFor()
  return operation
}

/** Presses Execute. @param path matches the path of the request that the page sends then. @returns the response */
export async function execute(page: Page, operation: Locator, method: string, path: RegExp): Promise<Response> {
  const response = page.waitForResponse(
    (candidate) => candidate.request().method() === method && path.test(new URL(candidate.url()).pathname),
  )
  await operation.getByRole('button', { name: 'Execute' }).click()
  return response
}
