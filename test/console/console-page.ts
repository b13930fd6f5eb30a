/** The console in a real browser, for its tests: opens it, signs in, and asks axe for what keeps people from using a view. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { TestContext } from '../support/build.ts'
import { openBrowser, type OpenedPage } from '../support/browser.ts'
import { operationsKey } from '../support/settings.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Every scope that the views ask for. */
export const consoleSettings = {
  API_KEYS: `${operationsKey}:transfers:write+transfers:read+transfers:settle+audit:read+webhooks:write`,
  // A call waits for as long as the test takes.
  PICKUP_TIMEOUT_MS: '600000',
}

export interface ConsoleOptions extends BrowserContextOptions {
  key?: string
  /** The address of a view, such as search?state=failed. */
  view?: string
  /** Prepares the page before the console is requested. */
  beforeOpening?: (page: Page) => Promise<unknown>
}

/** Opens the console and signs in. */
export async function openConsole(
  t: TestContext,
  url: string,
  { key = operationsKey, view = '', beforeOpening, ...options }: ConsoleOptions = {},
): Promise<OpenedPage> {
  const opened = await openBrowser(t, url, options)
  await beforeOpening?.(opened.page)
  await opened.page.goto(`${url}/console/#/${view}`)
  await signIn(opened.page, key)
  return opened
}

/** Signs in by the keyboard: the cursor is in the field. */
export async function signIn(page: Page, key: string): Promise<void> {
  await page.locator('#key:focus').waitFor()
  await page.keyboard.insertText(key)
  await page.keyboard.press('Enter')
  await page.locator('nav').waitFor()
}

/** Goes to a view by its address. */
export async function goTo(page: Page, view: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${view}`)}`)
}

/** Waits until no color is changing. */
const finishTransitions =
  'Promise.allSettled(document.getAnimations().filter((each) => each instanceof CSSTransition).map((each) => each.finished)).then(() => {})'

/** What axe finds wrong with the page as it is: the rule, and the first element. */
export async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(finishTransitions)
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(`${axeSource}; undefined`)
  const { violations } = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
    violations: Array<{ id: string; nodes: Array<{ html: string }> }>
  }
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}
