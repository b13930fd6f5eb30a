/** The whole service on loopback: simulator, CRM and Handoff, started for a test and stopped after it. */
import type { AddressInfo } from 'node:net'
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { buildApp, type AppOverrides } from '../../src/app.ts'
import { readEnvironment, secretsIn } from '../../src/environment.ts'
import { createLog } from '../../src/telemetry/log.ts'
import type { ProblemDetails } from '../../src/model/problems.ts'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import type { Rules } from '../../src/transfers/stage-context.ts'
import type { Transfer } from '../../src/model/transfer.ts'
import { crmSecret, startCrm, type Crm } from './crm.ts'
import { platformLook, type Conversation } from './platform-look.ts'
import { until } from './until.ts'

export const operationsKey = `hk_ops_${'o'.repeat(43)}`
export const readerKey = `hk_reader_${'r'.repeat(43)}`

export interface Answered<T = Transfer & ProblemDetails & Record<string, unknown>> {
  status: number
  headers: Headers
  body: T
}
export interface Service {
  app: FastifyInstance
  url: string
  lines: Array<Record<string, unknown>>
  ask<T = Transfer & ProblemDetails & Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answered<T>>
  /** Asks for a transfer. */
  transfer(body: object, headers?: Record<string, string>): Promise<Answered>
  /** Waits until a transfer is in one of the states. */
  reaches(id: string, ...states: string[]): Promise<Transfer & { id: string }>
  stop(): Promise<void>
}
export interface World extends Service {
  simulator: Simulator
  scene: Simulator['scene']
  crm: Crm
  /** The conversation as the platform shows it. */
  conversation(id: string): Promise<Conversation>
}
/** Anything with a `teardown`, such as a tap test. */
interface Test {
  teardown(work: () => unknown): void
}

/** Settings that make the pipeline quick enough for tests; figures in ms. A test of what nobody picks up in time sets a time of its own. */
export const settingsFor = (simulatorUrl: string, crmUrl?: string): Record<string, string> => ({
  GENESYS_CLIENT_ID: 'handoff-demo',
  GENESYS_CLIENT_SECRET: 'handoff-demo-secret',
  GENESYS_GATEWAY_URL: simulatorUrl,
  GENESYS_REQUESTS_PER_MINUTE: '60000',
  LOOP_TOKEN_SECRET: 'loop token secret of the tests',
  AUDIT_KEY: 'audit key of the tests',
  DATABASE_URL: 'sqlite::memory:',
  PORT: '0',
  LOG_LEVEL: 'info',
  API_KEYS: `${operationsKey}:transfers:write+transfers:read+audit:read+webhooks:write,${readerKey}:transfers:read`,
  PICKUP_POLL_INTERVAL_MS: '40',
  PICKUP_TIMEOUT_MS: '30000',
  ...(crmUrl && { CRM_WEBHOOK_URL: crmUrl, CRM_WEBHOOK_SECRET: crmSecret, WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' }),
})

export async function startService(
  t: Test,
  settings: Record<string, string>,
  rules: Partial<Rules> = {},
  fittings: AppOverrides = {},
): Promise<Service> {
  const environment = readEnvironment(settings)
  const lines: Service['lines'] = []
  const log = createLog(environment.LOG_LEVEL, {
    destination: { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    secrets: secretsIn(environment),
  })
  const app = await buildApp(environment, log, { rules: { settleMs: 600, conflictPauseMs: 100, ...rules }, ...fittings })
  await app.listen({ host: environment.HOST, port: environment.PORT })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= app.close())
  t.teardown(stop)

  const ask: Service['ask'] = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${operationsKey}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (/json/.test(response.headers.get('content-type') ?? '') && !/ndjson/.test(response.headers.get('content-type') ?? '')
        ? JSON.parse(text)
        : text) as never,
    }
  }
  return {
    app,
    url,
    lines,
    ask,
    stop,
    transfer: (body, headers) => ask('POST', '/v1/transfers', body, headers),
    reaches: (id, ...states) =>
      until(
        async () => {
          const { body } = await ask<Transfer & { id: string }>('GET', `/v1/transfers/${id}`)
          return states.includes(body.state) && body
        },
        `state ${states.join(' or ')} of ${id}`,
      ),
  }
}

/** Simulator, CRM and service together. */
export async function startWorld(
  t: Test,
  settings: Record<string, string> = {},
  rules: Partial<Rules> = {},
  fittings: AppOverrides = {},
): Promise<World> {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  const crm = await startCrm()
  t.teardown(async () => {
    await simulator.close()
    await crm.close()
  })
  const service = await startService(t, { ...settingsFor(simulator.url, crm.url), ...settings }, rules, fittings)
  const { conversation } = platformLook(simulator.url)
  return { ...service, simulator, scene: simulator.scene, crm, conversation }
}

/** Waits until a call waits in a queue. */
export const waitsIn = (world: Pick<World, 'conversation'>, conversationId: string, queueId: string) =>
  until(
    async () =>
      (await world.conversation(conversationId)).participants.find(
        (one) => one.purpose === 'acd' && one.queueId === queueId && one.calls[0]?.state === 'connected',
      ),
    'the call in the queue',
  )

/** Keeps commands into a queue from leaving for the platform until they are let go: what is asked meanwhile is asked while they are under way. */
export function keepCommands(t: Test, { app }: Pick<Service, 'app'>): { waiting: number; letGo(): void } {
  const { client } = app.genesys
  const { replaceWithQueue } = client
  let letGo = (): void => {}
  const free = new Promise<void>((gone) => (letGo = gone))
  const kept = { waiting: 0, letGo }
  client.replaceWithQueue = async (...asked) => {
    kept.waiting++
    await free
    return replaceWithQueue(...asked)
  }
  t.teardown(() => {
    client.replaceWithQueue = replaceWithQueue
    letGo()
  })
  return kept
}

/**
 * Makes the one agent of a queue ring for another call, which he looks idle at: a call that is sent to him waits until that caller
 * gives up (what comes back), however long the test takes. The first of his answers must be `never`.
 */
export async function ringsElsewhere({ scene, conversation }: Pick<World, 'scene' | 'conversation'>, queueId: string): Promise<() => void> {
  const { conversationId } = scene.addConversation({ in: { queueId } })
  await until(
    async () => (await conversation(conversationId)).participants.some(({ purpose }) => purpose === 'agent'),
    'the agent who rings for another call',
  )
  return () => scene.hangUp(conversationId)
}

/** A billing skill, a support queue with one agent who has it, a second queue, and a call in the IVR. */
export function usualScene(
  scene: Simulator['scene'],
  answers?: Parameters<Simulator['scene']['addAgent']>[0] extends infer Spec ? (Spec extends { answers?: infer A } ? A : never) : never,
) {
  const skill = scene.addSkill({ name: 'Billing' })
  const queue = scene.addQueue({ name: 'Support' })
  const other = scene.addQueue({ name: 'Sales' })
  const agent = scene.addAgent({ name: 'Alex', skillIds: [skill.id], queueIds: [queue.id], ...(answers && { answers }) })
  const { conversationId } = scene.addConversation({ in: 'ivr', ani: '+4915112345678' })
  return { skillId: skill.id, queueId: queue.id, otherQueueId: other.id, userId: agent.id, conversationId }
}
export const newId = (): string => randomUUID()
