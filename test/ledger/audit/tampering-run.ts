/** A trail with everything in it, and a store whose tables somebody changes behind the ledger's back and then changes back. */
import { verifyAudit, erasedStatus, type Verdict } from '../../../src/ledger/audit/verification.ts'
import { auditNote } from '../../../src/ledger/audit/draft.ts'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import { erasure } from '../../../src/transfers/erasure.ts'
import { aRecord } from '../../support/record.ts'
import type { Test } from '../conformance.ts'
import { auditKey, change, conversation, opening, taken } from '../scene.ts'
import { dice, type Dice, type Statement, type Tampering, type Trail } from './tampering-hand.ts'
import { tamperings } from './tampering.ts'

const callerNumber = '0123456789abcdef'

/** A call to a number, from end to end, with hashes of both numbers in its audit rows; then a refused caller. */
async function aCall(ledger: Ledger, conversationId: string): Promise<void> {
  const asked = opening(aRecord({ conversationId, target: { type: 'number', address: '+493012345678' } }))
  asked.audit.personal = { targetNumber: 'fedcba9876543210' }
  let record = taken(await ledger.open(asked))
  for (const state of ['executing', 'initiated', 'picked_up'] as const) {
    const next = change(record, state)
    if (next.audit && state === 'executing') next.audit.personal = { callerNumber }
    await ledger.record(next)
    record = next.record
  }
  await ledger.note(auditNote('caller_refused', { code: 'FORBIDDEN', detail: { route: '/v1/transfers' } }))
}

/** Calls on every node in turn, one conversation of them erased, and checkpoints between, the last when all chains are there. */
export async function buildTrail(nodes: readonly Ledger[], calls: number): Promise<void> {
  for (let call = 0; call < calls; call++)
    for (const node of nodes) {
      const conversationId = conversation()
      await aCall(node, conversationId)
      if (call % 6 === 2) await node.checkpoint()
      if (call === 4) await node.erase(conversationId, erasure, auditNote(erasedStatus, { conversationId }))
    }
  for (const node of nodes) await node.checkpoint()
}

export async function trailOf(ledger: Ledger): Promise<Trail> {
  const chains: Trail['chains'] = new Map()
  const heads: Trail['heads'] = []
  for (const { chain, head } of await ledger.auditChains()) {
    if (head) heads.push(head)
    const rows = []
    for await (const page of ledger.storedAudit(chain)) rows.push(...page)
    chains.set(chain, rows)
  }
  return { chains, heads }
}

/** The tables behind the ledger. */
export interface Backdoor {
  run(statements: readonly Statement[]): Promise<void>
  /** Keeps what the audit tables hold now … */
  keep(): Promise<void>
  /** … and puts it back. */
  putBack(): Promise<void>
}

/** The seed of a run that found something can be given again. */
const seed = Number(process.env['TAMPERING_SEED'] ?? Date.now() % 1_000_000)

const names = ({ faults }: Verdict, wanted: Tampering['names']): boolean =>
  wanted === undefined ||
  wanted.every((one) => faults.some(({ chain, place, seq }) => chain === one.chain && place === one.place && seq === one.seq))

/** Tries so many tamperings, each undone before the next; what was not found, or found elsewhere, or seen where nothing was. */
export async function tried(t: Test, ledger: Ledger, backdoor: Backdoor, many: number): Promise<void> {
  const chance: Dice = dice(seed)
  const trail = await trailOf(ledger)
  const rows = [...trail.chains.values()].flat().length
  await backdoor.keep()
  const missed: string[] = []
  const misplaced: string[] = []
  let falseAlarms = (await verifyAudit(ledger, auditKey)).faults.length
  const counts: Record<string, number> = {}
  for (const tampering of tamperings(chance, trail, many)) {
    const { kind, what } = tampering
    counts[kind] = (counts[kind] ?? 0) + 1
    await backdoor.run(tampering.sql)
    const verdict = await verifyAudit(ledger, auditKey)
    if (verdict.faults.length === 0) missed.push(`${kind}: ${what}: ${JSON.stringify(tampering.sql)}`)
    else if (!names(verdict, tampering.names))
      misplaced.push(`${kind}: ${what}: ${JSON.stringify(verdict.faults)}, not ${JSON.stringify(tampering.names)}`)
    await backdoor.putBack()
    falseAlarms += (await verifyAudit(ledger, auditKey)).faults.length
  }
  t.same(missed.slice(0, 5), [], 'every tampering is found')
  t.same(misplaced.slice(0, 5), [], 'and at the row that was touched')
  t.equal(falseAlarms, 0, 'and the trail as it was written is sound each time')
  t.comment(
    `${many} tamperings with ${rows} rows in ${trail.chains.size} chains, ${many - missed.length} found (seed ${seed}): ${JSON.stringify(counts)}`,
  )
}
