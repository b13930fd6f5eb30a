/** Webhook secrets, API keys and the OAuth client are changed while calls are transferred (docs/rotation.md). */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { runCommand } from '../commands/run-command.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { startService } from '../support/service.ts'
import { testSettings } from '../support/settings.ts'
import { startPlatformAndCrm } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

t.setTimeout(240_000)
type Test = Parameters<Parameters<typeof t.test>[0]>[0]
function createFile(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-rotation-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return join(folder, 'handoff.db')
}
const createSecret = (text: string): string => `whsec_${Buffer.from(text.padEnd(32, '.')).toString('base64')}`

t.test(
  'given a new webhook secret before the old one, when a receiver knows either of them, then it can verify each webhook',
  async (t) => {
    const [oldSecret, newSecret] = [createSecret('the old secret'), createSecret('the new secret')]
    const received: Array<{ old: boolean; new: boolean }> = []
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const canVerify = (secret: string): boolean => {
          try {
            new Webhook(secret).verify(Buffer.concat(chunks).toString(), request.headers as Record<string, string>)
            return true
          } catch {
            return false
          }
        }
        received.push({ old: canVerify(oldSecret), new: canVerify(newSecret) })
        response.end()
      })
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const simulator = await startSimulator({ requestsPerMinute: 60_000 })
    t.teardown(async () => {
      receiver.closeAllConnections()
      receiver.close()
      await simulator.close()
    })
    const file = createFile(t)
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
    for (const [secrets, expected] of [
      [oldSecret, { old: true, new: false }],
      [`${newSecret},${oldSecret}`, { old: true, new: true }],
      [newSecret, { old: false, new: true }],
    ] as const) {
      const service = await startService(t, {
        ...testSettings(simulator.url, url),
        DATABASE_URL: `sqlite:${file}`,
        CRM_WEBHOOK_SECRET: secrets,
      })
      const { conversationId, otherQueueId } = setUpIvrCall(simulator.control)
      t.equal((await service.postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })).status, 202)
      await waitFor(() => received.length > 0, 'a webhook')
      for (const seen of received.splice(0)) t.strictSame(seen, expected)
      await service.stop()
      received.splice(0)
    }
  },
)

t.test(
  'given a running service, when an API key is replaced by the keys command, then both work side by side until the old one is revoked',
  async (t) => {
    const file = createFile(t)
    const settings = { ...testSettings('http://127.0.0.1:9'), DATABASE_URL: `sqlite:${file}` }
    const service = await startService(t, settings)
    const runKeys = async (...args: string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await runCommand(process.execPath, ['src/commands/keys.ts', ...args], {
        AUDIT_KEY: String(testSettings('')['AUDIT_KEY']),
        DATABASE_URL: settings.DATABASE_URL,
      })
      t.equal(exitCode, 0, stderr)
      return stdout
    }
    const create = async (): Promise<string> => String(/hk_\w+_[\w-]+/.exec(await runKeys('create', '--scope', 'transfers:read'))?.[0])
    const statusWith = async (key: string): Promise<number> =>
      (await service.request('GET', '/v1/transfers', undefined, { authorization: `Bearer ${key}` })).status
    const oldKey = await create()
    await waitFor(async () => (await statusWith(oldKey)) === 200, 'the old key')
    const newKey = await create()
    await waitFor(async () => (await statusWith(newKey)) === 200, 'the new key')
    t.equal(await statusWith(oldKey), 200, 'both work')
    // Refused requests are limited, so the status of a later one may be 429.
    await runKeys('revoke', String(/^hk_([^_]+)_/.exec(oldKey)?.[1]))
    await waitFor(async () => (await statusWith(oldKey)) !== 200, 'the end of the old key')
    t.equal(await statusWith(newKey), 200)
    await service.stop()
  },
)

t.test(
  'given two OAuth clients, when the nodes change from one to the other, then calls are transferred and watched all the time',
  async (t) => {
    const { simulator, crm } = await startPlatformAndCrm(t)
    const settings = { ...testSettings(simulator.url, crm.url), DATABASE_URL: `sqlite:${createFile(t)}` }
    const { conversationId, queueId, userId } = setUpIvrCall(simulator.control, [{ after: 30, with: 'pickup' }])
    simulator.control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const before = await startService(t, settings)
    const { body } = await before.postTransfer({ conversationId, target: { type: 'queue', queueId } })
    simulator.control.addClient({ id: 'handoff-new', secret: 'the secret of the new client' })
    const after = await startService(t, {
      ...settings,
      GENESYS_CLIENT_ID: 'handoff-new',
      GENESYS_CLIENT_SECRET: 'the secret of the new client',
    })
    const second = setUpIvrCall(simulator.control)
    t.equal(
      (await after.postTransfer({ conversationId: second.conversationId, target: { type: 'queue', queueId: second.otherQueueId } })).status,
      202,
    )
    await before.stop()
    simulator.control.removeClient('handoff-demo')
    simulator.control.setAgent(userId, { routingStatus: 'IDLE' })
    t.match(await after.waitForState(body.id, 'picked_up'), { agentUserId: userId }, 'the transfer of the node that has left')
    t.strictSame(simulator.control.transfers(conversationId).length, 1)
    await after.stop()

    const late = await startService(t, settings)
    const third = setUpIvrCall(simulator.control)
    t.match(
      (await late.postTransfer({ conversationId: third.conversationId, target: { type: 'queue', queueId: third.otherQueueId } })).body,
      { code: 'GENESYS_AUTH_FAILED' },
      'the old client is gone',
    )
    await late.stop()
  },
)
