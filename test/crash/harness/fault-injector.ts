/** Makes one call of a wrapped method kill the process, stop it, wait, or report a write as failed. */
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import type { Change } from '../../../src/ledger/contract/transfers.ts'
import type { CrashPoint, LedgerMethod, Moment, ObservedCall, PlatformMethod } from '../points/crash-point.ts'

/** `stop`: SIGSTOP. `hold`: the call waits until it is released. */
export type FaultAction = CrashPoint['action'] | 'stop' | 'hold'

export interface FaultInjector {
  /** Performs the action once, at the next call that matches the point. */
  arm(point: CrashPoint, action: FaultAction): void
  disarm(): void
  /** Lets a held call continue. */
  release(): void
  /**
   * Called before and after each wrapped method. Returns a promise only when the call must wait.
   * @throws StoreUnavailable if the armed action loses the write or its response
   */
  onCall(method: LedgerMethod | PlatformMethod, moment: Moment, call: Omit<ObservedCall, 'hasUnknownOutcome'>): Promise<void> | void
}

const commandMethods: ReadonlySet<LedgerMethod | PlatformMethod> = new Set<PlatformMethod>(['replaceWithQueue', 'createCallback'])
const stateChange: LedgerMethod = 'writeChange'

/** Remembers which conversations this process sent a command about, until its outcome is written. */
function trackCommands() {
  const sent = new Set<string>()
  return {
    hasUnknownOutcome: (conversationId: string): boolean => sent.has(conversationId),
    observe(method: LedgerMethod | PlatformMethod, moment: Moment, args: readonly unknown[]): void {
      if (commandMethods.has(method) && moment === 'before') sent.add(String(args[0]))
      if (method !== stateChange || moment !== 'after') return
      const { record } = args[0] as Change
      if (record.state !== 'executing') sent.delete(record.conversationId)
    },
  }
}

function loseConnection(): never {
  throw new StoreUnavailable('the connection was lost')
}

/** @param onReached called before the action, which this process may not survive */
export function createFaultInjector(onReached: (name: string) => void): FaultInjector {
  const commands = trackCommands()
  let armed: { point: CrashPoint; action: FaultAction } | undefined
  let release = (): void => {}

  const actions: Readonly<Record<FaultAction, () => Promise<void> | void>> = {
    kill: () => void process.kill(process.pid, 'SIGKILL'),
    stop: () => void process.kill(process.pid, 'SIGSTOP'),
    hold: () => new Promise<void>((resolve) => void (release = resolve)),
    // Whether the write or its response is lost depends on the moment of the point: before or after the write.
    'lose-response': loseConnection,
    'lose-write': loseConnection,
  }
  return {
    arm: (point, action) => void (armed = { point, action }),
    disarm: () => void (armed = undefined),
    release: () => release(),
    onCall(method, moment, call) {
      commands.observe(method, moment, call.args)
      if (!armed || !('method' in armed.point)) return
      const { point, action } = armed
      if (point.method !== method || point.moment !== moment) return
      if (point.condition?.({ ...call, hasUnknownOutcome: commands.hasUnknownOutcome }) === false) return
      armed = undefined
      onReached(point.name)
      return actions[action]()
    },
  }
}
