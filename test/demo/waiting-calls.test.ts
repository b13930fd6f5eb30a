/** Which calls the demo keeps waiting. */
import t from 'tap'
import { formatWaitingCallId } from '../../src/demo/waiting-calls.ts'
import { defaultScenario } from '../../src/simulator/control/default-scenario.ts'
import { transferRequests } from '../../src/plugins/documents/examples/transfer-requests.ts'

t.test("given the default scenario, then the first waiting call is the OpenAPI example's and the ids count up from there", async (t) => {
  const example = transferRequests['skill']?.value
  t.equal(formatWaitingCallId(1), example?.conversationId)
  t.strictSame(
    defaultScenario.conversations.map((_, index) => formatWaitingCallId(index + 1)),
    defaultScenario.conversations,
  )
})
