/** How a run sends requests: each exchange is recorded, a read is repeated when the platform fails, and a command is sent once. */
import { setTimeout } from 'node:timers/promises'
import type { PlatformAnswer, PlatformConnection } from '../../doctor/platform-connection.ts'
import type { ExchangeRequest } from '../../genesys/http/exchange.ts'
import { monotonicMs } from '../../model/clock.ts'
import type { Entry, Exchange, Step } from './recording.ts'
import { replaceIds, type Redactor } from './redactor.ts'
import { RunStopped } from './run-stopped.ts'

type Method = ExchangeRequest['method']

/** An entry without what the recorder knows itself. */
type NewEntry = Entry extends infer Each ? (Each extends Entry ? Omit<Each, 'step' | 'atMs'> : never) : never

export interface Recorder {
  readonly entries: Entry[]
  /** The step that the next entries belong to. */
  step: Step
  /** Ms since the start of the run. */
  now(): number
  add(entry: NewEntry): void
  /**
   * Sends a request that changes nothing, and repeats it if the platform fails.
   * @throws RunStopped when the platform goes on failing, or the user has interrupted the run
   */
  read(method: Method, path: string, body?: unknown): Promise<PlatformAnswer>
  /**
   * Sends a request once.
   * @param canFail whether a 5xx is an answer like any other, and not a platform that is broken
   * @throws RunStopped when the platform fails: its effect is then unknown
   */
  command(method: Method, path: string, body: unknown, options?: { canFail?: boolean }): Promise<PlatformAnswer>
  /** A connection for the checks of the doctor, whose requests are recorded. */
  readonly connection: PlatformConnection
  /** Resolves after `ms`. @throws RunStopped when the user has interrupted the run */
  pause(ms: number): Promise<void>
}

export interface RecorderOptions {
  connection: PlatformConnection
  redactor: Redactor
  signal: AbortSignal
  /** The pauses before a failed read is repeated, ms. */
  retryPausesMs: readonly number[]
}

/** A throttled read waits at most this long. */
const longestRetryAfterMs = 15_000

const isBroken = ({ status }: PlatformAnswer): boolean =>
  status === 0 || status === 401 || status === 408 || status === 429 || status >= 500

const describe = (operation: string, { status, errorCode, failure }: PlatformAnswer): string => {
  if (status === 0) return `${operation} got no answer (${failure ?? 'no answer'})`
  return `${operation} was answered with ${[status, errorCode].filter(Boolean).join(' ')}`
}

/** Creates a recorder without entries. Its time begins now. */
export function createRecorder({ connection, redactor, signal, retryPausesMs }: RecorderOptions): Recorder {
  const startedAt = monotonicMs()
  const now = (): number => Math.round(monotonicMs() - startedAt)
  const entries: Entry[] = []
  let hasRenewedLogin = false

  const throwIfInterrupted = (): void => {
    if (signal.aborted) throw new RunStopped('stopped', 'interrupted by the user')
  }
  const nameOf = (method: Method, path: string): string => `${method} ${replaceIds(path.split('?')[0] ?? '', () => '{id}')}`

  /** Adds an exchange. A read that answers the same as the one before it is no new entry. */
  const addExchange = (exchange: Exchange): void => {
    const isSame = (entry: Entry): entry is Exchange =>
      entry.kind === 'exchange' &&
      entry.step === exchange.step &&
      entry.path === exchange.path &&
      entry.status === 200 &&
      JSON.stringify(entry.body) === JSON.stringify(exchange.body)
    const before = entries.findLast((entry) => entry.kind === 'exchange')
    if (exchange.operation.startsWith('GET ') && before !== undefined && isSame(before)) before.untilMs = exchange.atMs + exchange.tookMs
    else entries.push(exchange)
  }

  const send = async (method: Method, path: string, body: unknown): Promise<PlatformAnswer> => {
    const atMs = now()
    const { step } = recorder
    const answer = await connection.request(method, path, body)
    const { status, errorCode, missingPermissions, failure } = answer
    addExchange({
      kind: 'exchange',
      step,
      atMs,
      tookMs: now() - atMs,
      operation: nameOf(method, path),
      path: redactor.path(path),
      ...(body !== undefined && { sent: redactor.value(body) }),
      status,
      ...(errorCode !== undefined && { code: errorCode }),
      ...(missingPermissions.length > 0 && status === 403 && { missingPermissions }),
      ...(failure !== undefined && { failure }),
      ...(status === 200 && { body: redactor.value(answer.body) }),
    })
    return answer
  }

  /** Logs in again after a 401, once in a run: the token may have expired. @returns whether there is a new token */
  const renewLogin = async (): Promise<boolean> => {
    if (hasRenewedLogin) return false
    hasRenewedLogin = true
    return connection.login().then(
      () => true,
      () => false,
    )
  }

  const read: Recorder['read'] = async (method, path, body) => {
    for (let attempt = 0; ; attempt++) {
      throwIfInterrupted()
      const answer = await send(method, path, body)
      if (!isBroken(answer)) return answer
      const pauseMs = retryPausesMs[attempt]
      const canRetry = answer.status === 401 ? await renewLogin() : pauseMs !== undefined && answer.retryAfterMs <= longestRetryAfterMs
      if (!canRetry) throw new RunStopped('stopped', `the platform fails: ${describe(nameOf(method, path), answer)}`)
      await recorder.pause(Math.max(pauseMs ?? 0, answer.retryAfterMs))
    }
  }

  const recorder: Recorder = {
    entries,
    step: 'organization',
    now,
    add: (entry) => void entries.push({ ...entry, step: recorder.step, atMs: now() }),
    read,
    async command(method, path, body, { canFail = false } = {}) {
      throwIfInterrupted()
      const answer = await send(method, path, body)
      if (isBroken(answer) && !(canFail && answer.status >= 500))
        throw new RunStopped('stopped', `the platform fails: ${describe(nameOf(method, path), answer)}`)
      return answer
    },
    connection: { ...connection, request: read },
    async pause(ms) {
      throwIfInterrupted()
      await setTimeout(ms, undefined, { signal }).catch(throwIfInterrupted)
    },
  }
  return recorder
}
