/** Erasing a conversation also erases the number of its callback. */
import t from 'tap'
import { eraseConversation } from '../../ledger/personal-data.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { callerNumber, setUpClosedQueue } from './scene.ts'

t.test('given a callback that was created, when the conversation is erased, then no answer contains the number', async (t) => {
  const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+1317*' })
  const { app, request, postTransfer } = system
  for (const callbackNumber of [undefined, '+13175550123']) {
    const { conversationId, callback, closed } = setUpClosedQueue(system)
    const number = (callbackNumber ?? callerNumber).slice(1)
    const body = { conversationId, target: closed, fallback: [{ ...callback, ...(callbackNumber !== undefined && { callbackNumber }) }] }
    const headers = { 'idempotency-key': conversationId }
    const { id } = (await postTransfer(body, headers)).body
    const readAll = async () => [await request('GET', `/v1/transfers/${id}`), await request('GET', `/v1/transfers/${id}/audit`)]
    const read = async () => JSON.stringify((await readAll()).map((response) => response.body))
    t.match(await read(), number)
    await eraseConversation(app.ledger, conversationId)
    t.notMatch(await read(), number)
    t.notMatch(JSON.stringify((await postTransfer(body, headers)).body), number, 'nor does a repeat of the request')
    t.match((await request('GET', `/v1/transfers/${id}`)).body, { state: 'callback_created', resolvedTarget: { address: 'erased' } })
  }
})
