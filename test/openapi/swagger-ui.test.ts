/** Swagger UI in a real browser with the simulator: every operation and every example can be executed as it stands, twice in a row. */
import t, { test } from 'tap'
import { loadDefaultScenario } from '../../src/simulator/control/default-scenario.ts'
import { bulkRequests } from '../../src/plugins/documents/examples/bulk-transfers.ts'
import { flatRequests, transferRequests } from '../../src/plugins/documents/examples/transfer-requests.ts'
import { readServedDocument } from '../routes/served-document.ts'
import { authorize, execute, expandOperation, openSwaggerUi, skipWithoutBrowser as skip } from '../support/browser.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'

t.setTimeout(600_000)

const settings = {
  ALLOWED_NUMBERS: '+1317555*',
  // The call that waits does so until it is changed, however slow the browser is.
  PICKUP_TIMEOUT_MS: '600000',
  API_KEYS: `${operationsKey}:transfers:write+transfers:read+transfers:settle+audit:read+webhooks:write`,
}
/** The examples of operations that have several. */
const examplesByOperation: Readonly<Record<string, readonly string[]>> = {
  requestTransfer: Object.keys(transferRequests),
  requestArchitectTransfer: Object.keys(flatRequests),
  requestBulkTransfer: Object.keys(bulkRequests),
}
/** The answers to operations that the simulator's calls leave nothing to do for: no outcome is unknown, and a bulk transfer of few calls is soon over. */
const conflicts = new Set(['settleTransfer', 'pauseBulkTransfer', 'resumeBulkTransfer', 'cancelBulkTransfer'])
/** Its response never ends, and Swagger UI shows only responses that have ended. */
const endless = 'streamTransfers'

test(
  'given the documentation and a key, when anything is executed as it stands, then it works, and so it does again',
  { skip },
  async (t) => {
    const system = await startTestSystem(t, settings)
    loadDefaultScenario(system.control)
    const { operations } = await readServedDocument(system.url)
    const { page } = await openSwaggerUi(t, system.url)
    await authorize(page, operationsKey)

    for (const { operationId, tags, method, path } of operations.filter((each) => each.operationId !== endless)) {
      const operation = await expandOperation(page, String(tags[0]), operationId)
      const select = operation.locator('.opblock-section-request-body select.examples-select-element')
      for (const example of examplesByOperation[operationId] ?? [undefined]) {
        if (example !== undefined) await select.selectOption(example)
        for (const time of ['once', 'again']) {
          const sentPath = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
          const response = await execute(page, operation, method, sentPath)
          const body = await response.text()
          const name = [operationId, example, time].filter(Boolean).join(' ')
          if (conflicts.has(operationId) && response.status() === 409) t.match(JSON.parse(body), { code: 'STATE_CONFLICT' }, name)
          else t.ok(response.ok() && !body.startsWith('{"ok":false'), name, { found: { status: response.status(), body } })
          await operation
            .locator('.live-responses-table .response-col_status', { hasText: String(response.status()) })
            .first()
            .waitFor()
        }
      }
      await operation.locator('.opblock-summary').click()
    }
  },
)
