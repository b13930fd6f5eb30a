/** Every view of the console in a real browser, on a desk and on a phone: it loads without a problem, fits, and axe finds nothing wrong. */
import t, { test } from 'tap'
import type { Route } from 'playwright-core'
import { defaultScenario, loadDefaultScenario } from '../../src/simulator/control/default-scenario.ts'
import { startBulk } from '../../src/transfers/submission/bulk/bulk-changes.ts'
import { createBulk, createCall } from '../ledger/bulk-fixtures.ts'
import { skipWithoutBrowser as skip } from '../support/browser.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { writeIndeterminate } from '../support/indeterminate-transfer.ts'
import { startTestSystem } from '../support/test-system.ts'
import { consoleSettings, findViolations, goTo, openConsole } from './console-page.ts'

t.setTimeout(400_000)

const screens = {
  'desk in light colors': { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  'desk in dark colors': { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  'phone in light colors': { viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true, hasTouch: true },
  'phone in dark colors': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', isMobile: true, hasTouch: true },
} as const

for (const [name, screen] of Object.entries(screens))
  test(`given a ${name}, then every view loads, fits, and can be used by everyone`, { skip, timeout: 300_000 }, async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    loadDefaultScenario(system.control)
    const { conversationId, queueId } = setUpIvrCall(system.control)
    const id = await writeIndeterminate(system, { conversationId, queueId })
    const waiting = await system.postTransfer({
      conversationId: defaultScenario.conversations[0],
      target: { type: 'queue', queueId: defaultScenario.queues.unstaffed },
    })
    const bulk = createBulk({ fromQueueId: queueId, state: 'paused', message: 'The platform has no such queue. '.repeat(4) })
    await system.app.ledger.addBulkTransfer(startBulk(bulk, 1), [createCall(1)])
    const { page, problems, foreignRequests } = await openConsole(t, system.url, screen)
    const views = {
      live: '.stuck-card',
      [`transfers/${id}`]: '.picture',
      [`transfers/${id}?do=settle`]: 'dialog[open]',
      [`transfers/${waiting.body.id}`]: '.deliveries li button',
      [`transfers/${waiting.body.id}?do=priority`]: 'dialog[open]',
      search: 'a.row',
      'search?state=failed': '.empty',
      figures: '.chart-bar',
      try: '#conversation',
      bulk: '.deliveries a',
      nowhere: '.empty',
    }
    for (const [view, selector] of Object.entries(views)) {
      await goTo(page, view)
      await page.locator(selector).first().waitFor()
      t.strictSame(await findViolations(page), [], view)
      t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, `${view} is as wide as the screen`)
      if (selector === '.deliveries li button')
        t.equal(await page.evaluate("document.querySelector('.deliveries strong').getClientRects().length"), 1, 'the event is on one line')
      await page.keyboard.press('Escape')
    }
    t.strictSame([problems, foreignRequests], [[], []])
  })

const states = {
  /** Nothing is answered while the test looks. */
  loading: { selector: '.loading', answer: () => new Promise<void>(() => {}) },
  failed: { selector: '.notice', answer: (route: Route) => route.abort() },
  refused: {
    selector: '.notice',
    answer: (route: Route) =>
      route.fulfill({ status: 403, json: { detail: 'The key has not the scope for this.', code: 'FORBIDDEN', retryable: false } }),
  },
}

test(
  'given a service that answers late, not, or with a refusal, then every view says so, and can be used by everyone',
  { skip, timeout: 300_000 },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    const { conversationId, queueId } = setUpIvrCall(system.control)
    const id = await writeIndeterminate(system, { conversationId, queueId })
    const { page, foreignRequests } = await openConsole(t, system.url, screens['phone in light colors'])
    for (const [name, { selector, answer }] of Object.entries(states)) {
      await page.route(/\/(v1|metrics)/, answer)
      for (const view of ['live', `transfers/${id}`, 'search', 'figures', 'bulk', 'bulk/01a223e8-c900-760f-b6a6-45ceaae0c654']) {
        await goTo(page, 'nowhere')
        await page.locator('.empty').waitFor()
        await goTo(page, view)
        await page.locator(selector).first().waitFor()
        t.strictSame(await findViolations(page), [], `${name}: ${view}`)
        t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0, `${name}: ${view} is as wide as the screen`)
      }
      await page.unroute(/\/(v1|metrics)/, answer)
    }
    t.strictSame(foreignRequests, [])
  },
)
