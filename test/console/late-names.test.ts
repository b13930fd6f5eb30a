/** Names that the service tells late: the views show ids meanwhile, and then the names, without a reload. */
import t, { test } from 'tap'
import type { Route } from 'playwright-core'
import { defaultScenario, loadDefaultScenario } from '../../src/simulator/control/default-scenario.ts'
import { skipWithoutBrowser as skip } from '../support/browser.ts'
import { startTestSystem } from '../support/test-system.ts'
import { consoleSettings, openConsole } from './console-page.ts'

t.setTimeout(240_000)

const lists = /\/v1\/transfers(\/summary)?\?/

test(
  'given names that the service does not know at first, then the views show them once it does',
  { skip, timeout: 240_000 },
  async (t) => {
    const system = await startTestSystem(t, consoleSettings)
    loadDefaultScenario(system.control)
    const queueId = defaultScenario.queues.unstaffed
    const { body } = await system.postTransfer({ conversationId: defaultScenario.conversations[0], target: { type: 'queue', queueId } })
    await system.waitForState(body.id, 'initiated')
    for (const [view, place] of [
      ['live', 'a.row .cell-target'],
      ['figures', '#queues ~ .table-box tbody a'],
    ] as const) {
      let areNamesKnown = false
      /** Answers as the service does as long as it knows no names. */
      const answer = async (route: Route): Promise<void> => {
        const response = await route.fetch()
        const body = (await response.json()) as object
        await route.fulfill({ response, json: areNamesKnown ? body : { ...body, names: {} } })
      }
      const { page, problems } = await openConsole(t, system.url, {
        view: view,
        beforeOpening: (opened) => opened.route(lists, answer),
      })
      await page.locator(place, { hasText: '…' }).waitFor()
      areNamesKnown = true
      await page.locator(place, { hasText: 'Unstaffed' }).waitFor()
      t.strictSame(problems, [], view)
      await page.unrouteAll({ behavior: 'ignoreErrors' })
    }
  },
)
