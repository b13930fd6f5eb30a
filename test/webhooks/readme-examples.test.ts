/** Runs the README's examples for a CRM: the code that verifies a webhook, and the settings for several endpoints. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'dotenv'
import t from 'tap'
import { createSignatureHeaders, parseSecrets } from '../../src/webhooks/signature.ts'
import { projectRoot } from '../commands/run-command.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const readExample = (language: string, name: string): string => {
  const found = [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].find(([, code]) => code?.includes(name))
  if (!found?.[1]) throw new Error(`the README has no example ${name}`)
  return found[1]
}
const secret = `whsec_${Buffer.from('the secret of a documented CRM').toString('base64')}`
const body = JSON.stringify({ type: 'transfer.picked_up', data: { note: 'Grüße 👋' } })
const now = Math.floor(Date.now() / 1000)
const createHeadersAt = (seconds: number) => createSignatureHeaders('evt_1', seconds, body, parseSecrets(secret))
const headers = createHeadersAt(now)

interface Case {
  description: string
  headers: Record<string, string>
  body: string
  secret: string
  expected: boolean
}
const cases: Case[] = [
  { description: 'a webhook of Handoff', headers, body, secret, expected: true },
  { description: 'another body', headers, body: `${body} `, secret, expected: false },
  { description: 'another time', headers: { ...headers, 'webhook-timestamp': String(now + 1) }, body, secret, expected: false },
  { description: 'an old webhook', headers: createHeadersAt(now - 400), body, secret, expected: false },
  { description: 'another secret', headers, body, secret: `whsec_${'QUJD'.repeat(10)}`, expected: false },
  {
    description: 'a signature of another length',
    headers: { ...headers, 'x-transfer-signature': 'sha256=00' },
    body,
    secret,
    expected: false,
  },
]
const folder = mkdtempSync(join(tmpdir(), 'handoff-readme-'))
t.teardown(() => rmSync(folder, { recursive: true }))

t.test("given the README's TypeScript, when it verifies webhooks, then it accepts those of Handoff and no others", async (t) => {
  const file = join(folder, 'verify.ts')
  writeFileSync(file, readExample('ts', 'isFromHandoff'))
  const { isFromHandoff } = (await import(pathToFileURL(file).href)) as {
    isFromHandoff: (headers: Record<string, string>, body: string, secret: string) => boolean
  }
  for (const { description, expected, ...webhook } of cases)
    t.equal(isFromHandoff(webhook.headers, webhook.body, webhook.secret), expected, description)
})

t.test(
  "given the README's TypeScript, then it type-checks with the header type of Node.js, which Express and Fastify also use",
  async (t) => {
    const file = join(folder, 'typed.ts')
    const usage = `
import type { IncomingHttpHeaders } from 'node:http'
export const isGenuine = (headers: IncomingHttpHeaders, body: string): boolean => isFromHandoff(headers, body, 'whsec_')
`
    writeFileSync(file, readExample('ts', 'isFromHandoff') + usage)
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node', '--ignoreConfig']
    const typeRoots = ['--typeRoots', join(projectRoot, 'node_modules/@types')]
    const { status, stdout } = spawnSync(join(projectRoot, 'node_modules/.bin/tsc'), [...options, ...typeRoots, file], { encoding: 'utf8' })
    t.strictSame({ status, stdout }, { status: 0, stdout: '' })
  },
)

t.test(
  "given the README's settings for several endpoints, when a shell and a .env parser read them, then both get the same values",
  async (t) => {
    const block = readExample('sh', 'CRM_WEBHOOK_EVENTS')
    const names = ['CRM_WEBHOOK_URL', 'CRM_WEBHOOK_SECRET', 'CRM_WEBHOOK_EVENTS']
    const { stdout, stderr } = spawnSync('sh', ['-c', `${block}\nprintf '%s\\n' ${names.map((name) => `"$${name}"`).join(' ')}`], {
      encoding: 'utf8',
    })
    t.equal(stderr, '')
    const values = stdout.trimEnd().split('\n')
    t.strictSame(Object.fromEntries(names.map((name, index) => [name, values[index]])), parse(block))
    t.equal(values[2], '*;transfer.picked_up,transfer.timeout')
  },
)

const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0
t.test(
  "given the README's Python, when it verifies webhooks, then it accepts those of Handoff and no others",
  { skip: !hasPython && 'Python is not installed' },
  async (t) => {
    const file = join(folder, 'verify.py')
    writeFileSync(
      file,
      `${readExample('python', 'is_from_handoff')}
import json, sys
for case in json.load(sys.stdin):
    print(json.dumps(is_from_handoff(case["headers"], case["body"].encode(), case["secret"])))
`,
    )
    const { stdout, stderr } = spawnSync('python3', [file], { input: JSON.stringify(cases), encoding: 'utf8' })
    t.equal(stderr, '')
    const results = stdout.trimEnd().split('\n')
    for (const [index, { description, expected }] of cases.entries()) t.equal(results[index], String(expected), description)
  },
)
