/** A whole service whose wall clock is set forward or back at each stage: nothing ends early, late or twice because of it. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createApiKey } from '../src/auth/api-key.ts'
import { openLedger } from '../src/ledger/open.ts'
import { startSimulator } from '../src/simulator/simulator.ts'
import { setUpIvrCall } from './support/calls.ts'
import { startServiceProcess, type ServiceProcess } from './support/service-process.ts'
import { testSettings } from './support/settings.ts'
import type { TestContext } from './support/build.ts'
import { waitFor } from './support/wait-for.ts'

// Processes are started, and the first retry of a webhook comes after five seconds.
t.setTimeout(240_000)
// They mostly wait, each for a service of its own.
t.jobs = 2

const hourMs = 3_600_000
const directions = [
  ['back', -hourMs],
  ['forward', hourMs],
] as const
const readConversation = 'GET /conversations/{id}'
const sendCommand = 'POST /conversations/{id}/participants/{id}/replace/queue'

interface Attempt {
  headers: IncomingHttpHeaders
  transferId: string
}

/** Starts a CRM that refuses the first `refusals` attempts and records every attempt. */
async function startRefusingCrm(t: TestContext, refusals: number) {
  const attempts: Attempt[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { actionId: string } }
      attempts.push({ headers: request.headers, transferId: data.actionId })
      response.writeHead(attempts.length > refusals ? 200 : 500).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, attempts }
}

async function startSystem(t: TestContext, settings: Record<string, string> = {}, crmUrl?: string) {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(() => simulator.close())
  const service = await startServiceProcess(t, { ...testSettings(simulator.url, crmUrl), PICKUP_TIMEOUT_MS: '120000', ...settings })
  const countReads = (): number => simulator.control.requests().counts[readConversation] ?? 0
  return { service, control: simulator.control, countReads }
}

const requestTransfer = (service: ServiceProcess, conversationId: string, queueId: string, requestFields: object = {}) =>
  service.request('POST', '/v1/transfers', { conversationId, target: { type: 'queue', queueId }, ...requestFields })

/** Whether a recorded duration is possible: it cannot be longer than the test may take. */
const isPlausible = (ms: unknown): boolean => typeof ms === 'number' && ms >= 0 && ms < 240_000

for (const [direction, stepMs] of directions)
  for (const events of ['on', 'off']) {
    const situation = `given PICKUP_EVENTS=${events} and a clock that is set ${direction} by an hour`
    t.test(`${situation}, then transfers go on as before`, async (t) => {
      const { service, control, countReads } = await startSystem(t, { PICKUP_EVENTS: events })
      const { request, stepClock, waitForState } = service

      await t.test(`${situation}, when a transfer was accepted before, then it is executed`, async (t) => {
        const { conversationId, queueId } = setUpIvrCall(control)
        const readsBefore = countReads()
        control.addFault({ operation: readConversation, fault: { kind: 'delay', ms: 1_000 } })
        const transfer = requestTransfer(service, conversationId, queueId)
        await waitFor(() => countReads() > readsBefore, 'the read of the conversation')
        await stepClock(stepMs)
        const { status, body } = await transfer
        t.equal(status, 202)
        t.ok(isPlausible(body['latencyMs']), `latencyMs ${String(body['latencyMs'])}`)
        await waitForState(body.id, 'picked_up')
      })

      await t.test(`${situation}, when a transfer is executing, then its command is sent once, and its latency is plausible`, async (t) => {
        const { conversationId, queueId } = setUpIvrCall(control)
        control.addFault({ operation: sendCommand, fault: { kind: 'delay', ms: 1_000 } })
        const commandsBefore = control.requests().counts[sendCommand] ?? 0
        const transfer = requestTransfer(service, conversationId, queueId)
        await waitFor(() => (control.requests().counts[sendCommand] ?? 0) > commandsBefore, 'the command')
        await stepClock(stepMs)
        const { status, body } = await transfer
        t.equal(status, 202)
        t.ok(isPlausible(body['latencyMs']), `latencyMs ${String(body['latencyMs'])}`)
        await waitForState(body.id, 'picked_up')
        t.equal(control.transfers(conversationId).length, 1)
      })

      await t.test(`${situation}, when a call waits for a pickup, then it is still watched, and its pickup is seen`, async (t) => {
        // No agent may pick up before the clock is set.
        const { conversationId, queueId, userId } = setUpIvrCall(control, ['never'])
        control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
        const { status, body } = await requestTransfer(service, conversationId, queueId)
        t.equal(status, 202)
        await stepClock(stepMs)
        const readsBefore = countReads()
        await waitFor(() => countReads() > readsBefore + 1, 'two polls')
        control.setAgent(userId, { routingStatus: 'IDLE', answers: [{ after: 10, with: 'pickup' }] })
        const transfer = await waitForState(body.id, 'picked_up')
        t.notOk(transfer['code'], 'there is no code of an earlier timeout')
        const { entries } = (await request('GET', `/v1/transfers/${body.id}/audit`)).body as unknown as {
          entries: Array<{ status: string }>
        }
        t.notOk(entries.some(({ status }) => status === 'timeout'))
      })

      await t.test(`${situation}, when a decision waits for the flow, then it is watched until the flow has moved the call`, async (t) => {
        const { conversationId, queueId } = setUpIvrCall(control)
        const { body } = await requestTransfer(service, conversationId, queueId, { mode: 'decide' })
        t.equal(body.state, 'decided')
        await stepClock(stepMs)
        const readsBefore = countReads()
        await waitFor(() => countReads() > readsBefore + 1, 'two polls')
        control.transferByFlow(conversationId, { queueId })
        const transfer = await waitForState(body.id, 'picked_up')
        t.ok(isPlausible(transfer['latencyMs']), `latencyMs ${String(transfer['latencyMs'])}`)
      })

      t.notOk(
        service.lines.some((line) => line.includes('the lease in the ledger ran out')),
        'the lease was renewed as if nothing had happened',
      )
      const { status, body } = await request('GET', '/ready')
      t.match({ status, body }, { status: 200, body: { status: 'ready' } })
    })
  }

for (const [direction, stepMs] of directions) {
  t.test(
    `given a webhook that waits for its next attempt, when the clock is set ${direction} by an hour, then it is delivered with the time of the machine`,
    async (t) => {
      const crm = await startRefusingCrm(t, 1)
      const { service, control } = await startSystem(t, { CRM_WEBHOOK_EVENTS: 'transfer.initiated' }, crm.url)
      const { conversationId, queueId } = setUpIvrCall(control)
      const { body } = await requestTransfer(service, conversationId, queueId)
      await waitFor(() => crm.attempts.length === 1, 'the first attempt')
      // The result of the attempt must be in the ledger.
      await waitFor(() => service.lines.some((line) => line.includes('transfer.initiated not delivered')), 'the result of the attempt')
      await service.stepClock(stepMs)
      const second = await waitFor(() => crm.attempts[1], 'the second attempt', 60_000)
      t.equal(second.transferId, body.id)
      const signedAt = Number(second.headers['webhook-timestamp']) * 1_000
      t.ok(Math.abs(signedAt - (Date.now() + stepMs)) < hourMs / 2, 'a receiver with the same clock accepts the signature')
    },
  )

  t.test(
    `given keys, a token and a rate limit, when the clock is set ${direction} by an hour, then they are valid for as long as before`,
    async (t) => {
      const { service } = await startSystem(t, { CALLER_REQUESTS_PER_MINUTE: '40' })
      const { request, stepClock, databaseUrl } = service
      const ledger = await openLedger(databaseUrl, { auditKey: 'audit key of the tests' })
      t.teardown(() => ledger.close())
      /** Sends two requests a second until a response has this status. That happens before 40 requests reach the rate limit. */
      const waitForStatus = async (status: number, key: string) =>
        waitFor(async () => {
          await new Promise((resolve) => setTimeout(resolve, 500))
          return (await request('GET', '/v1/transfers', undefined, key)).status === status
        }, `status ${status}`)
      async function createKey(label: string) {
        const key = createApiKey({ scopes: ['transfers:read'], label, queues: null, now: Date.now() })
        await ledger.addApiKey(key.stored)
        return { text: key.text, id: key.stored.id }
      }

      const [revoked, tokenOwner, busy] = [await createKey('revoked'), await createKey('token'), await createKey('busy')]
      for (const { text } of [revoked, tokenOwner, busy]) await waitForStatus(200, text)
      const token = (
        await request('POST', '/oauth/token', {
          grant_type: 'client_credentials',
          client_id: tokenOwner.id,
          client_secret: tokenOwner.text,
        })
      ).body
      const accessToken = String(token['access_token'])
      await waitFor(async () => (await request('GET', '/v1/transfers', undefined, busy.text)).status === 429, 'the rate limit')
      await stepClock(stepMs)

      const limited = await request('GET', '/v1/transfers', undefined, busy.text)
      const retryAfter = Number(limited.headers.get('retry-after'))
      // The minute may have passed meanwhile on a slow machine.
      if (limited.status === 429) t.ok(retryAfter >= 0 && retryAfter <= 60, `Retry-After: ${retryAfter} is within the minute`)
      t.equal((await request('GET', '/v1/transfers', undefined, accessToken)).status, 200, 'a token is as old as before')
      await ledger.revokeApiKey(revoked.id)
      await waitForStatus(401, revoked.text)
      await waitForStatus(200, (await createKey('new')).text)
    },
  )
}
