/** The program that is killed: the real service on loopback with wrapped ports, controlled over IPC by the test that started it. */
import type { AddressInfo } from 'node:net'
import { buildApp } from '../../../src/app.ts'
import { readEnvironment } from '../../../src/environment.ts'
import { createLog } from '../../../src/telemetry/log.ts'
import { killPoints } from '../points/kill-points.ts'
import { stopPoints } from '../points/stop-points.ts'
import { uncertainWritePoints } from '../points/uncertain-write-points.ts'
import { createFaultInjector, type FaultAction } from './fault-injector.ts'
import { wrapLedger, wrapPlatformClient } from './wrap-ports.ts'

export type ToNode = { arm: string; action: FaultAction } | { disarm: true } | { release: true }
export type FromNode = { listening: string } | { armed: string } | { reached: string }

const report = (message: FromNode): void => void process.send?.(message)
const injector = createFaultInjector((reached) => report({ reached }))

/** @throws Error when there is no point of this name */
function arm(name: string, action: FaultAction): void {
  // A stop point may lie a step earlier than the kill point of the same name.
  const candidates = action === 'stop' ? stopPoints : [...killPoints, ...uncertainWritePoints]
  const point = candidates.find((candidate) => candidate.name === name)
  if (!point) throw new Error(`there is no point ${name}`)
  injector.arm(point, action)
  report({ armed: name })
}

process.on('message', (message: ToNode) => {
  if ('arm' in message) arm(message.arm, message.action)
  else if ('release' in message) injector.release()
  else injector.disarm()
})
process.on('disconnect', () => process.exit(0))

const { CRASH_POINT, CRASH_ACTION, CRASH_RULES, CRASH_LEASE_MS, ...settings } = process.env
if (CRASH_POINT) arm(CRASH_POINT, CRASH_ACTION as FaultAction)
const environment = readEnvironment(settings)
const app = await buildApp(environment, createLog(environment.LOG_LEVEL), {
  rules: JSON.parse(CRASH_RULES ?? '{}') as object,
  leaseMs: Number(CRASH_LEASE_MS),
  wrapLedger: (ledger) => wrapLedger(ledger, injector),
  wrapGenesys: (client) => wrapPlatformClient(client, injector),
})
await app.listen({ host: environment.HOST, port: environment.PORT })
report({ listening: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` })
