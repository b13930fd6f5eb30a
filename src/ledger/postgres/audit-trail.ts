/** Audit rows beside PostgreSQL transactions: committed with a change, sealed into this node's chain, or into that of a node that is gone. */
import { setTimeout } from 'node:timers/promises'
import { reportSetBack } from '../audit/set-back.ts'
import type { AuditDraft, AuditEntry } from '../contract/audit.ts'
import type { LedgerLog } from '../contract/ledger.ts'
import type { Dialect, Engine } from '../engine/engine.ts'
import type { QueryGenerator } from '../engine/query.ts'
import { createAuditWriter } from '../tables/audit-writer.ts'
import { createUnsealedAudit, type SealedBatch, type UnsealedRow } from '../tables/unsealed-audit.ts'
import { createAuditSealer } from './audit-sealer.ts'
import type { Transactions } from './transactions.ts'

/** How often, and with what pause (ms), the chain of another node is tried that is being sealed. */
const maxAttempts = 10
const attemptPauseMs = 20

export type AuditTrail = Pick<Engine, 'write' | 'appendAudit' | 'sealAudit'> & {
  /** Stops sealing. */
  close(): void
}

export interface AuditTrailOptions {
  auditKey: string
  nodeId: string
  /** Epoch ms. */
  clock: () => number
  /** Called for each entry that is on disk, in the order of the chain. */
  onAudit: (entry: AuditEntry) => void
  log: LedgerLog | undefined
}

export function createAuditTrail(
  transactions: Transactions,
  dialect: Dialect,
  { auditKey, nodeId, clock, onAudit, log }: AuditTrailOptions,
): AuditTrail {
  const createWriter = (chain: string) => createAuditWriter({ key: auditKey, chain, nodeId, clock })
  const writer = createWriter(nodeId)
  const unsealed = createUnsealedAudit(dialect, auditKey)
  const sealer = createAuditSealer(
    (drafts, known) => transactions.write(() => unsealed.seal(writer, nodeId, drafts, known)),
    onAudit,
    (knownPosition, position) => void sealer.append([reportSetBack(log, nodeId, knownPosition, position)]).catch(() => {}),
  )

  /** Runs the work, and writes its audit rows behind what it has written. */
  function* runAudited<T>(work: (drafts: AuditDraft[]) => QueryGenerator<T>, rows: UnsealedRow[]): QueryGenerator<T> {
    const drafts: AuditDraft[] = []
    const value = yield* work(drafts)
    for (const draft of drafts) {
      const row = unsealed.createRow(nodeId, sealer.takeTicket(), sealer.position, writer.writeText(draft))
      rows.push(row)
      yield* unsealed.insert(nodeId, row)
    }
    return value
  }

  /** Seals the chain of another node, unless someone else is doing so. */
  function* sealIfFree(chain: string): QueryGenerator<SealedBatch | undefined> {
    return (yield* unsealed.isFree(chain)) ? yield* unsealed.seal(createWriter(chain), chain, []) : undefined
  }
  /** Returns without having sealed it if its node does not finish a sealing of its own. */
  async function sealOther(chain: string): Promise<void> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const sealed = await transactions.write(() => sealIfFree(chain))
      for (const entry of sealed?.entries ?? []) onAudit(entry)
      if (sealed) return
      await setTimeout(attemptPauseMs)
    }
  }

  return {
    // Each commit is durable before it is acknowledged: the database may fail while this process lives on.
    async write(work) {
      let rows: UnsealedRow[] = []
      try {
        const value = await transactions.write(() => {
          sealer.noteDiscarded(rows)
          rows = []
          return runAudited(work, rows)
        })
        sealer.noteCommitted(rows)
        return value
      } catch (error) {
        sealer.noteUncertain(rows)
        throw error
      }
    },
    appendAudit: (draft) => sealer.append([draft]),
    async sealAudit() {
      await sealer.sealNow()
      const chains = await transactions.read(() => unsealed.listOtherChains(nodeId))
      for (const chain of chains) await sealOther(chain)
    },
    close: () => sealer.close(),
  }
}
