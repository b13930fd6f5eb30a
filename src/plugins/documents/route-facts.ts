/** What the document says about a route that is not in its schema: who may use it, and which refusals it can be answered with. */
import type { FastifyInstance } from 'fastify'
import type { Scope } from '../../auth/api-key.ts'
import type { RefusalCode } from '../../model/problems.ts'

export interface RouteFacts {
  method: string
  /** The caller needs one of these; undefined: no key is needed. */
  scopes: readonly Scope[] | undefined
  /** The refusals of this route in particular. */
  refusals: readonly RefusalCode[]
  canMoveCall: boolean
  isServedWhileClosing: boolean
  /** The path, such as `/v1/transfers/:id`. */
  url: string
}

/** Collects the facts about every route with an `operationId` that is registered from now on. @returns the facts by `operationId` */
export function collectRouteFacts(app: FastifyInstance): ReadonlyMap<string, RouteFacts> {
  const facts = new Map<string, RouteFacts>()
  app.addHook('onRoute', ({ method, url, schema, config }) => {
    const { operationId } = (schema ?? {}) as { operationId?: string }
    if (operationId === undefined || method === 'HEAD') return
    facts.set(operationId, {
      method: String(method),
      scopes: config?.scopes,
      refusals: config?.refusals ?? [],
      canMoveCall: config?.canMoveCall ?? false,
      isServedWhileClosing: config?.isServedWhileClosing ?? false,
      url,
    })
  })
  return facts
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The refusals that the route can be answered with, besides those of every route (documents/refusals.ts). The OpenAPI document lists them,
     * with their statuses and an example each.
     */
    refusals?: readonly RefusalCode[]
  }
}
