/** Commits audit rows with the changes that they are about, and then seals them into this node's chain. Also seals the rows of nodes that are gone. */
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

/** How many times this node tries to seal the chain of another node that is locked, and the pause between two tries, ms. */
const maxAttempts = 10
const attemptPauseMs = 20

export type AuditTrail = Pick<Engine, 'write' | 'appendAudit' | 'sealAudit'> & {
  /** Stops sealing. */
  close(): void
}

export interface AuditTrailOptions {
  auditKey: string
  /** Keys with which nodes that are gone may have written their rows, the newest first. */
  previousAuditKeys: readonly string[] | undefined
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
  { auditKey, previousAuditKeys = [], nodeId, clock, onAudit, log }: AuditTrailOptions,
): AuditTrail {
  const createWriter = (chain: string, key: string) => createAuditWriter({ key, chain, nodeId, clock })
  const writer = createWriter(nodeId, auditKey)
  const unsealed = createUnsealedAudit(dialect, auditKey)
  const sealer = createAuditSealer(
    (drafts, known) => transactions.write(() => unsealed.seal(writer, nodeId, drafts, known)),
    onAudit,
    (knownPosition, position) => void sealer.append([reportSetBack(log, nodeId, knownPosition, position)]).catch(() => {}),
  )

  /** Runs the work, then inserts its audit rows in the same transaction and adds them to `rows`. */
  function* runAudited<T>(work: (drafts: AuditDraft[]) => QueryGenerator<T>, rows: UnsealedRow[]): QueryGenerator<T> {
    const drafts: AuditDraft[] = []
    const value = yield* work(drafts)
    for (const draft of drafts) {
      const row = unsealed.createRow(nodeId, sealer.takeTicket(), sealer.position, writer.createText(draft))
      rows.push(row)
      yield* unsealed.insert(nodeId, row)
    }
    return value
  }

  /** For each key, the rows that were written with it. */
  const unsealedByKey = [auditKey, ...previousAuditKeys].map((key) => ({ key, rows: createUnsealedAudit(dialect, key) }))

  /**
   * Seals the chain of another node, with the key that its rows were written with: its node may be running, and goes on with that key.
   * @returns undefined when the chain is locked, because a node is sealing it
   */
  function* sealIfFree(chain: string): QueryGenerator<SealedBatch | undefined> {
    if (!(yield* unsealed.tryLockChain(chain))) return undefined
    let sealed: SealedBatch | undefined
    for (const { key, rows } of unsealedByKey) {
      sealed = yield* rows.seal(createWriter(chain, key), chain, [])
      if (sealed.entries.length > 0) return sealed
    }
    return sealed
  }
  /** Seals the chain of another node. Gives up if the chain stays locked. */
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
          // A second run of the work: the rows of the first were not committed.
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
