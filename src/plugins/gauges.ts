/** Where the gauges come from, read at each scrape: a source that fails takes nothing else with it. */
import type { FastifyInstance } from 'fastify'
import type { BreakerState } from '../genesys/http/breaker.ts'
import type { Metrics } from './metrics-table.ts'

interface Source {
  /** What there is now, as the work of writing it into the gauges. */
  read: () => (() => void) | Promise<() => void>
  /** Takes out what an earlier scrape has written. */
  forget?: () => void
}

const breakerStates: Readonly<Record<BreakerState, number>> = { closed: 0, halfOpen: 1, open: 2 }

export function gaugeSources(app: FastifyInstance, metrics: Metrics): Record<string, Source> {
  return {
    ledger: {
      async read() {
        const endpoints = await app.ledger.endpoints()
        const now = Date.now()
        return () => {
          metrics.ledgerUp.set(1)
          const idle = app.crmWebhooks.endpoints.filter(({ id }) => !endpoints.some((one) => one.id === id))
          const well = idle.map(({ id }) => ({ id, pending: 0, oldestPendingAt: null, pausedAt: null }))
          for (const { id: endpoint, pending, oldestPendingAt, pausedAt } of [...endpoints, ...well]) {
            metrics.webhookPending.set({ endpoint }, pending)
            metrics.webhookOldest.set({ endpoint }, oldestPendingAt === null ? 0 : Math.max(0, now - Date.parse(oldestPendingAt)) / 1_000)
            metrics.webhookPaused.set({ endpoint }, pausedAt === null ? 0 : 1)
          }
        }
      },
      forget() {
        metrics.ledgerUp.set(0)
        for (const one of [metrics.webhookPending, metrics.webhookOldest, metrics.webhookPaused]) one.reset()
      },
    },
    switchboard: {
      read: () => () => {
        metrics.underWay.set(app.transfers.underWay)
        metrics.admissionLimit.set(app.transfers.limit)
        metrics.watched.set(app.transfers.watching)
      },
    },
    genesys: {
      read() {
        const tokens = app.genesys.client.headroom()
        const { breaker, waiting } = app.genesys.client.load()
        return () => {
          for (const [token, { limit, used, pausedMs }] of tokens.entries()) {
            metrics.governorLimit.set({ token }, limit)
            metrics.governorUsed.set({ token }, used)
            metrics.governorPaused.set({ token }, pausedMs / 1_000)
          }
          for (const [lane, many] of Object.entries(waiting)) metrics.governorWaiting.set({ lane }, many)
          metrics.breakerState.set(breakerStates[breaker])
        }
      },
    },
    notifications: {
      read() {
        const state = app.genesys.feed?.state()
        return () => {
          if (!state) return
          metrics.channels.set(state.channels)
          metrics.sockets.set(state.sockets)
          metrics.topics.set(state.topics)
          metrics.topicsCovered.set(state.covered)
          metrics.topicsRejected.set(state.rejected)
          for (const [count, total] of [
            [metrics.events, state.events],
            [metrics.malformed, state.malformed],
            [metrics.reconnects, state.reconnects],
          ] as const) {
            count.reset()
            count.inc(total)
          }
        }
      },
    },
  }
}
