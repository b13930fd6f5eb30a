/** The examples in docs/webhooks/ verify real deliveries of the service, in every language that is installed, and nothing else. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createSignatureHeaders, parseSecrets } from '../../src/webhooks/signature.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { crmSecret, type ReceivedEvent } from '../support/test-crm.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'
import { languages, type Answer, type Received } from './examples/languages.ts'

// Compilers take their time on a busy machine.
t.setTimeout(600_000)

const newSecret = `whsec_${Buffer.from('the new secret after a rotation').toString('base64')}`
const strangerSecret = `whsec_${Buffer.from('the secret of somebody else').toString('base64')}`

/** @returns an event that the service sends now */
async function receiveEvent({ control, crm, postTransfer }: TestSystem): Promise<Omit<Received, 'secrets'>> {
  const { conversationId, skillId, queueId } = setUpIvrCall(control)
  const { body: transfer } = await postTransfer({ conversationId, target: { type: 'skill', skillId, queueId } })
  const isAbout = ({ data, type }: ReceivedEvent): boolean => type === 'transfer.initiated' && data.actionId === transfer.id
  const { headers, body } = await waitFor(async () => crm.accepted.find(isAbout), 'the event')
  return { headers: headers as Record<string, string>, body }
}

interface Case extends Received, Answer {
  description: string
}
const both = (answer: 'true' | 'false' | 'error'): Answer => ({ standard: answer, transfer: answer })

/** Cases whose signature was made by the service's own code, but which it has not sent. */
function signedCases(secret: string): Case[] {
  const now = Math.floor(Date.now() / 1000)
  const body = JSON.stringify({ type: 'transfer.picked_up', data: { note: 'Grüße 👋' } })
  const signedAt = (seconds: number) => createSignatureHeaders('evt_1', seconds, body, parseSecrets(secret))
  const current = signedAt(now)
  const without = (name: string) => Object.fromEntries(Object.entries(current).filter(([key]) => key !== name))
  return [
    { description: 'text that is not ASCII', headers: current, body, secrets: [secret], ...both('true') },
    { description: 'an old timestamp', headers: signedAt(now - 400), body, secrets: [secret], ...both('false') },
    { description: 'a timestamp in the future', headers: signedAt(now + 400), body, secrets: [secret], ...both('false') },
    { description: 'no timestamp', headers: without('webhook-timestamp'), body, secrets: [secret], ...both('false') },
    ...['', 'now', '9'.repeat(400), `${now}.5`, `+${now}`, `0x${now.toString(16)}`].map((timestamp) => ({
      description: `the timestamp ${timestamp.slice(0, 12)}`,
      headers: { ...current, 'webhook-timestamp': timestamp },
      body,
      secrets: [secret],
      ...both('false'),
    })),
    { description: 'no headers', headers: {}, body, secrets: [secret], ...both('false') },
    {
      description: 'another id',
      headers: { ...current, 'webhook-id': 'evt_2' },
      body,
      secrets: [secret],
      standard: 'false',
      transfer: 'true',
    },
    {
      description: 'signatures of another length, and not ASCII',
      headers: { ...current, 'webhook-signature': 'v1,ü v1, v2 v1a,x', 'x-transfer-signature': 'sha256=ü' },
      body,
      secrets: [secret],
      ...both('false'),
    },
    {
      description: 'a signature of a later version beside it',
      headers: { ...current, 'webhook-signature': `v1a,abc ${current['webhook-signature']}` },
      body,
      secrets: [secret],
      ...both('true'),
    },
  ]
}

/** A webhook that somebody has signed with the key that is left when a receiver's secret is missing. */
function emptyKeyCase(secret: string): Case {
  const body = '{}'
  const headers = createSignatureHeaders('evt_1', Math.floor(Date.now() / 1000), body, [Buffer.alloc(0)])
  return { description: `the secret "${secret}"`, headers, body, secrets: [secret], ...both('error') }
}

/** Cases about an event of a service with one secret, and one of a service whose secret was rotated. */
function deliveryCases(event: Omit<Received, 'secrets'>, rotated: Omit<Received, 'secrets'>): Case[] {
  const signed = { ...event, secrets: [crmSecret] }
  const nextSecond = { ...event.headers, 'webhook-timestamp': String(Number(event.headers['webhook-timestamp']) + 1) }
  return [
    { description: 'a delivery', ...signed, ...both('true') },
    { description: 'one of two secrets', ...event, secrets: [newSecret, crmSecret], ...both('true') },
    { description: 'another secret', ...event, secrets: [strangerSecret], ...both('false') },
    { description: 'a changed body', ...signed, body: event.body.replace('"initiated"', '"picked_up"'), ...both('false') },
    { description: 'a body with a space more', ...signed, body: `${event.body} `, ...both('false') },
    { description: 'a changed timestamp', ...signed, headers: nextSecond, ...both('false') },
    { description: 'a rotated secret, where both are accepted', ...rotated, secrets: [crmSecret, newSecret], ...both('true') },
    { description: 'a rotated secret, where the new one is accepted', ...rotated, secrets: [newSecret], ...both('true') },
    {
      description: 'a rotated secret, where the old one is accepted',
      ...rotated,
      secrets: [crmSecret],
      standard: 'true',
      transfer: 'false',
    },
  ]
}

t.test('given deliveries of the service', async (t) => {
  const system = await startTestSystem(t)
  const rotatedSystem = await startTestSystem(t, { CRM_WEBHOOK_SECRET: `${newSecret},${crmSecret}` })

  for (const { name, findMissing, build, verify } of languages)
    t.test(
      `when the example in ${name} verifies them, then it accepts those of the service, and nothing else`,
      { skip: findMissing() ?? false },
      async (t) => {
        const folder = mkdtempSync(join(tmpdir(), 'handoff-example-'))
        t.teardown(() => rmSync(folder, { recursive: true }))
        await build(folder)
        // Sent after the build: a signature is accepted for five minutes.
        const cases = [
          ...deliveryCases(await receiveEvent(system), await receiveEvent(rotatedSystem)),
          ...signedCases(crmSecret),
          ...['', 'whsec_', 'whsec_QUJD'].map(emptyKeyCase),
        ]
        const answers = await verify(folder, cases)
        t.equal(answers.length, cases.length)
        for (const [index, { description, standard, transfer }] of cases.entries())
          t.strictSame(answers[index], { standard, transfer }, description)
      },
    )
})
