/** A node to be killed: the real service on loopback, its ports wrapped, armed over IPC by the test that started it. */
import type { AddressInfo } from 'node:net'
import { buildApp } from '../../../src/app.ts'
import { readEnvironment, type Environment } from '../../../src/environment.ts'
import { createLog } from '../../../src/telemetry/log.ts'
import { armedLedger, armedPlatform, createGate, type Action } from './armed.ts'
import { doubts, points, stops } from './points.ts'

export type ToNode = { arm: string; action: Action } | { disarm: true } | { release: true }
export type FromNode = { listening: string } | { armed: string } | { passed: string }

const tell = (message: FromNode): void => void process.send?.(message)
const gate = createGate((passed) => tell({ passed }))

/** Stopping at a point may want it a step earlier than dying there. */
function arm(name: string, action: Action): void {
  const point = (action === 'stop' ? stops : [...points, ...doubts]).find((one) => one.name === name)
  if (!point) throw new Error(`there is no point ${name}`)
  gate.arm(point, action)
  tell({ armed: name })
}

process.on('message', (message: ToNode) => {
  if ('arm' in message) arm(message.arm, message.action)
  else if ('release' in message) gate.release()
  else gate.disarm()
})
process.on('disconnect', () => process.exit(0))

const { CRASH_ARM, CRASH_ACTION, CRASH_RULES, CRASH_LEASE_MS, ...settings } = process.env
if (CRASH_ARM) arm(CRASH_ARM, CRASH_ACTION as Action)
const environment: Environment = {
  ...readEnvironment({ ...settings, DATABASE_URL: 'sqlite::memory:' }),
  DATABASE_URL: String(settings['DATABASE_URL']),
}
const app = await buildApp(environment, createLog(environment.LOG_LEVEL), {
  rules: JSON.parse(CRASH_RULES ?? '{}') as object,
  leaseMs: Number(CRASH_LEASE_MS),
  wrapLedger: (ledger) => armedLedger(ledger, gate),
  wrapGenesys: (client) => armedPlatform(client, gate),
})
await app.listen({ host: environment.HOST, port: environment.PORT })
tell({ listening: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` })
