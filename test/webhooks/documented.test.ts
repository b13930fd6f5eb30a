/** The README shows how a CRM verifies a webhook: those very lines are run here. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { parseSecrets, signatureHeaders } from '../../src/webhooks/signature.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const shown = (language: string, name: string): string => {
  const found = [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].find(([, code]) => code?.includes(name))
  if (!found?.[1]) throw new Error(`the README shows no ${name}`)
  return found[1]
}
const secret = `whsec_${Buffer.from('the secret of a documented CRM').toString('base64')}`
const body = JSON.stringify({ type: 'transfer.picked_up', data: { note: 'Grüße 👋' } })
const now = Math.floor(Date.now() / 1000)
const headersAt = (seconds: number) => signatureHeaders('evt_1', seconds, body, parseSecrets(secret))
const headers = headersAt(now)

interface Case {
  what: string
  headers: Record<string, string>
  body: string
  secret: string
  expected: boolean
}
const cases: Case[] = [
  { what: 'what we sent', headers, body, secret, expected: true },
  { what: 'another body', headers, body: `${body} `, secret, expected: false },
  { what: 'another time', headers: { ...headers, 'webhook-timestamp': String(now + 1) }, body, secret, expected: false },
  { what: 'an old one', headers: headersAt(now - 400), body, secret, expected: false },
  { what: 'another secret', headers, body, secret: `whsec_${'QUJD'.repeat(10)}`, expected: false },
  { what: 'a signature of another length', headers: { ...headers, 'x-transfer-signature': 'sha256=00' }, body, secret, expected: false },
]
const folder = mkdtempSync(join(tmpdir(), 'handoff-readme-'))
t.teardown(() => rmSync(folder, { recursive: true }))

t.test("given the README's TypeScript, then it accepts what we send, and nothing else", async (t) => {
  const file = join(folder, 'verify.ts')
  writeFileSync(file, shown('ts', 'isFromHandoff'))
  const { isFromHandoff } = (await import(pathToFileURL(file).href)) as {
    isFromHandoff: (headers: Record<string, string>, body: string, secret: string) => boolean
  }
  for (const one of cases) t.equal(isFromHandoff(one.headers, one.body, one.secret), one.expected, one.what)
})

const python = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0
t.test(
  "given the README's Python, then it accepts what we send, and nothing else",
  { skip: !python && 'there is no Python here' },
  async (t) => {
    const file = join(folder, 'verify.py')
    writeFileSync(
      file,
      `${shown('python', 'is_from_handoff')}
import json, sys
for one in json.load(sys.stdin):
    print(json.dumps(is_from_handoff(one["headers"], one["body"].encode(), one["secret"])))
`,
    )
    const { stdout, stderr } = spawnSync('python3', [file], { input: JSON.stringify(cases), encoding: 'utf8' })
    t.equal(stderr, '')
    const answers = stdout.trimEnd().split('\n')
    for (const [at, { what, expected }] of cases.entries()) t.equal(answers[at], String(expected), what)
  },
)
