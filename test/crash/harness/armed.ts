/** Ports with points: what is passed on the way through may end the process, stop it, or lose an answer. */
import { StoreUnavailable, type Change, type Ledger } from '../../../src/ledger/ledger.ts'
import type { CallOptions, GenesysClient } from '../../../src/genesys/client.ts'
import type { Passing, Point } from './points.ts'

/** `hold`: what passes waits until it is let go. */
export type Action = Point['how'] | 'stop' | 'hold'
type At = Point['at']

export interface Gate {
  /** The next passing of this point is the one. */
  arm(point: Point, action: Action): void
  disarm(): void
  /** Lets go what is held. */
  release(): void
  /** A promise only where what passes is to wait. */
  pass(port: string, method: string, at: At, passing: Omit<Passing, 'unsettled'>): Promise<void> | void
}

/** `passed` is told before the action, which it may not survive. */
export function createGate(passed: (name: string) => void): Gate {
  let armed: { point: Point; action: Action } | undefined
  const sent = new Set<string>()
  const unsettled = (conversationId: string): boolean => sent.has(conversationId)

  let release = (): void => {}

  const actions: Readonly<Record<Action, () => Promise<void> | void>> = {
    kill: () => void process.kill(process.pid, 'SIGKILL'),
    stop: () => void process.kill(process.pid, 'SIGSTOP'),
    hold: () => new Promise<void>((resolve) => void (release = resolve)),
    forget: () => {
      throw new StoreUnavailable('the connection was lost')
    },
    lose: () => {
      throw new StoreUnavailable('the connection was lost')
    },
  }
  return {
    arm: (point, action) => void (armed = { point, action }),
    disarm: () => void (armed = undefined),
    release: () => release(),
    pass(port, method, at, passing) {
      if (method === 'replaceWithQueue' && at === 'before') sent.add(String(passing.args[0]))
      if (method === 'record' && at === 'after') {
        const { record } = passing.args[0] as Change
        if (record.state !== 'executing') sent.delete(record.conversationId)
      }
      if (armed?.point.port !== port || armed.point.method !== method || armed.point.at !== at) return
      if (armed.point.when?.({ ...passing, unsettled }) === false) return
      const { point, action } = armed
      armed = undefined
      passed(point.name)
      return actions[action]()
    },
  }
}

const onLedger = ['open', 'record', 'claim', 'dueDeliveries', 'settleDelivery']
const onPlatform = ['conversation', 'setAttributes', 'setRouting', 'replaceWithQueue']

/** The same port, with a gate before and after each of the methods. */
function gated<T extends object>(port: string, inner: T, methods: readonly string[], gate: Gate): T {
  return new Proxy(inner, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name)
      if (typeof found !== 'function') return found
      const method = found as (...args: unknown[]) => Promise<unknown>
      if (!methods.includes(String(name))) return method.bind(target)
      return async (...args: unknown[]) => {
        await gate.pass(port, String(name), 'before', { args })
        const result = await method.apply(target, args)
        await gate.pass(port, String(name), 'after', { args, result })
        return result
      }
    },
  })
}

export const armedLedger = (ledger: Ledger, gate: Gate): Ledger => gated('ledger', ledger, onLedger, gate)

export function armedPlatform(client: GenesysClient, gate: Gate): GenesysClient {
  const leaving = (options: CallOptions): CallOptions => ({
    ...options,
    mayLeave() {
      void gate.pass('platform', 'mayLeave', 'before', { args: [] })
      const may = options.mayLeave?.() ?? true
      if (may) void gate.pass('platform', 'mayLeave', 'after', { args: [] })
      return may
    },
  })
  return gated(
    'platform',
    {
      ...client,
      replaceWithQueue: (conversationId, holderId, queueId, options) =>
        client.replaceWithQueue(conversationId, holderId, queueId, leaving(options)),
    },
    onPlatform,
    gate,
  )
}
