/** Wraps the ledger and the platform client of a node, so that the fault injector sees each call before and after it. */
import type { CallOptions, GenesysClient } from '../../../src/genesys/client.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { clientMethods, ledgerMethods, type LedgerMethod, type PlatformMethod } from '../points/crash-point.ts'
import type { FaultInjector } from './fault-injector.ts'

function wrapMethods<T extends object>(
  port: T,
  methods: ReadonlyArray<(LedgerMethod | PlatformMethod) & keyof T>,
  injector: FaultInjector,
): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      const method = methods.find((wrapped) => wrapped === name)
      const original = member as (...args: unknown[]) => Promise<unknown>
      if (method === undefined) return original.bind(target)
      return async (...args: unknown[]) => {
        await injector.onCall(method, 'before', { args })
        const result = await original.apply(target, args)
        await injector.onCall(method, 'after', { args, result })
        return result
      }
    },
  })
}

/** Wraps the ledger methods that a crash point can name. */
export const wrapLedger = (ledger: Ledger, injector: FaultInjector): Ledger => wrapMethods(ledger, ledgerMethods, injector)

/** Wraps the client's methods, and the check that runs just before a command is sent. */
export function wrapPlatformClient(client: GenesysClient, injector: FaultInjector): GenesysClient {
  const wrapCanSend = (options: CallOptions): CallOptions => ({
    ...options,
    canSend() {
      void injector.onCall('canSend', 'before', { args: [] })
      const canSend = options.canSend?.() ?? true
      if (canSend) void injector.onCall('canSend', 'after', { args: [] })
      return canSend
    },
  })
  const withCanSend: GenesysClient = {
    ...client,
    replaceWithQueue: (conversationId, participantId, queueId, options) =>
      client.replaceWithQueue(conversationId, participantId, queueId, wrapCanSend(options)),
    createCallback: (conversationId, participantId, callback, options) =>
      client.createCallback(conversationId, participantId, callback, wrapCanSend(options)),
  }
  return wrapMethods(withCanSend, clientMethods, injector)
}
