/** docs/webhooks.md is true: its events, its payload, its schedule, its settings and its example of a signature. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'dotenv'
import t from 'tap'
import { isFinal, type State } from '../../src/model/states.ts'
import { eventTypes } from '../../src/transfers/stages/crm-webhook.ts'
import { delayBeforeAttempt } from '../../src/webhooks/schedule.ts'
import { createSignatureHeaders, parseSecrets } from '../../src/webhooks/signature.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

const docs = new URL('../../docs/', import.meta.url)
const page = readFileSync(new URL('webhooks.md', docs), 'utf8')

/** The text of the code block in a language that contains `part`. */
function readBlock(language: string, part: string): string {
  const block = [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].find(([, code]) => code?.includes(part))
  if (!block?.[1]) throw new Error(`the page has no ${language} block with ${part}`)
  return block[1]
}
/** The cells of the table rows that begin with `start`. */
const readRows = (start: RegExp): string[][] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('|') && start.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

t.test(
  'given the table of events, then it has each event once, and says of the last ones of a transfer that none may follow',
  async (t) => {
    const rows = readRows(/^\| `transfer\./)
    t.strictSame(rows.map(([event = '']) => event.replaceAll('`', '')).toSorted(), eventTypes.toSorted())
    for (const [event = '', , next = ''] of rows) {
      const state = event.replaceAll(/`|transfer\./g, '').replace('overflowed', 'initiated') as State
      t.equal(/^none\b/.test(next), isFinal(state), event)
    }
  },
)

t.test('given the payload, then a delivery has the same fields, and each of them has a value of the same type', async (t) => {
  const { control, crm, postTransfer } = await startTestSystem(t)
  const { conversationId, skillId, queueId } = setUpIvrCall(control)
  const { body } = await postTransfer({ conversationId, target: { type: 'skill', skillId, queueId }, priority: 10 })
  const event = await waitFor(
    async () => crm.accepted.find(({ type, data }) => type === 'transfer.picked_up' && data.actionId === body.id),
    'the event',
  )
  const typesOf = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).map(([name, inner]) => [name, typesOf(inner)])
      : value === null
        ? 'null'
        : typeof value
  t.strictSame(typesOf(JSON.parse(readBlock('json', 'picked_up'))), typesOf(JSON.parse(event.body)))
})

t.test('given the table of attempts, then it has the waits of the schedule', async (t) => {
  const [[, ...attempts] = []] = readRows(/^\| attempt/)
  const [[, ...waits] = []] = readRows(/^\| after the one before/)
  const unitMs: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000 }
  const toMs = (text: string): number => (text === 'at once' ? 0 : Number(text.split(' ')[0]) * (unitMs[text.split(' ')[1] ?? ''] ?? NaN))
  t.strictSame(
    waits.map(toMs),
    attempts.map((attempt) => delayBeforeAttempt(Number(attempt), 0.5)),
  )
  t.equal(delayBeforeAttempt(attempts.length + 1, 0.5), undefined)
})

t.test('given the example of a signature, then Handoff signs so', async (t) => {
  const [, secret = ''] = /Signed with the secret `(whsec_[^`]+)`/.exec(page) ?? []
  const [head = '', body = ''] = readBlock('http', 'webhook-signature').trimEnd().split('\n\n')
  const headers = Object.fromEntries(
    head
      .split('\n')
      .slice(1)
      .map((line) => line.split(/: (.*)/, 2)),
  ) as Record<string, string>
  t.match(headers, createSignatureHeaders(String(headers['webhook-id']), Number(headers['webhook-timestamp']), body, parseSecrets(secret)))
})

t.test('given the folder of examples, then the page links to each', async (t) => {
  const names = readdirSync(new URL('webhooks/', docs))
  t.ok(names.length >= 7)
  t.strictSame(
    names.filter((name) => !page.includes(`[${name}](webhooks/${name})`)),
    [],
  )
})

t.test('given the settings for several endpoints, when a shell and a .env parser read them, then both get the same values', async (t) => {
  const block = readBlock('sh', 'CRM_WEBHOOK_EVENTS')
  const names = ['CRM_WEBHOOK_URL', 'CRM_WEBHOOK_SECRET', 'CRM_WEBHOOK_EVENTS']
  const { stdout, stderr } = spawnSync('sh', ['-c', `${block}\nprintf '%s\\n' ${names.map((name) => `"$${name}"`).join(' ')}`], {
    encoding: 'utf8',
  })
  t.equal(stderr, '')
  const values = stdout.trimEnd().split('\n')
  t.strictSame(Object.fromEntries(names.map((name, index) => [name, values[index]])), parse(block))
  t.equal(values[2], '*;transfer.picked_up,transfer.timeout')
})
