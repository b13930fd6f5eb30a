/** Whether the audit trail is what was written: every row, its place, its chain's end, and the checkpoints, those of the log included (design §9). */
import { chainStart, link, sealOfHead, sealOfPersonal } from './audit-chain.ts'
import { checkpointIn, checkpointKey, type CheckpointKey } from './audit-checkpoint.ts'
import type { AuditEntry, ChainHead, Ledger, StoredAuditRow } from './ledger.ts'

/** Where the trail is not what was written; `place` counts the rows of a chain from 1. */
export interface Fault {
  chain: string
  place: number | null
  seq: number | null
  what: string
}
export interface Verdict {
  rows: number
  chains: number
  /** In the chains, and in the log. */
  checkpoints: { kept: number; logged: number }
  /** Conversations whose personal parts were erased. */
  erased: number
  /** The first of each chain, and what only the whole shows; none: the trail is sound. */
  faults: Fault[]
}

/** The audit row that an erasure leaves. */
export const erasedStatus = 'erased'

/** What the rows seen so far tell beyond themselves. */
interface Seen {
  rows: number
  checkpoints: number
  mostChains: number
  erased: Set<string>
  /** Rows whose personal part is gone, by conversation: the first of each. */
  emptied: Map<string, Fault>
}

type Logged = Map<string, Map<number, string>>

const faultOf = ({ chain, place, seq }: StoredAuditRow, what: string): Fault => ({ chain, place, seq, what })

/** A check that is given the rows of one chain in order and says what is wrong with each. */
function chainCheck(auditKey: string, signer: CheckpointKey, logged: Map<number, string>, seen: Seen) {
  let last = { place: 0, hash: chainStart, seq: -Infinity, at: -Infinity }

  function wrong(row: StoredAuditRow, before: typeof last): string | undefined {
    if (row.place !== before.place + 1) return `${row.place - before.place - 1} rows before it are missing`
    if (row.hash !== link(auditKey, before.hash, row.entry)) return 'it is not what was written, or not what followed the row before it'
    // From here on the entry is as written; what stands beside it must be too.
    const entry = JSON.parse(row.entry) as AuditEntry
    if (entry.chain !== row.chain || entry.actionId !== row.transferId || entry.conversationId !== row.conversationId)
      return 'the columns it is found by were changed'
    if (row.at !== Math.max(Date.parse(entry.timestamp), before.at)) return 'the time it is found by was changed'
    if (row.seq <= before.seq) return 'it was moved'
    if (row.personal !== null && sealOfPersonal(auditKey, row.personal) !== entry.sealed) return 'its personal part was changed'
    if (row.personal === null && entry.sealed !== undefined && !seen.emptied.has(String(row.conversationId)))
      seen.emptied.set(String(row.conversationId), faultOf(row, 'its personal part was taken out, and no erasure tells of it'))
    if (entry.status === erasedStatus) seen.erased.add(String(entry.conversationId))
    const checkpoint = checkpointIn(entry)
    if (checkpoint) {
      const { head, signature, chains } = checkpoint
      if (head.place !== before.place || head.hash !== before.hash || !signer.holds(head, signature)) return 'the checkpoint is forged'
      seen.checkpoints++
      seen.mostChains = Math.max(seen.mostChains, chains)
    }
    return undefined
  }

  return {
    /** Undefined: the row is sound. */
    row(row: StoredAuditRow): Fault | undefined {
      seen.rows++
      const expected = logged.get(row.place)
      const what =
        wrong(row, last) ?? (expected !== undefined && expected !== row.hash ? 'the log has another row at this place' : undefined)
      last = { place: row.place, hash: row.hash, seq: row.seq, at: row.at }
      return what === undefined ? undefined : faultOf(row, what)
    },
    get last(): { place: number; hash: string } {
      return last
    },
  }
}

/** The checkpoints in the lines of a log, by chain and place. Lines that are something else are passed over. */
async function checkpointsOf(
  lines: AsyncIterable<string>,
  signer: CheckpointKey,
): Promise<{ logged: Logged; many: number; faults: Fault[] }> {
  const logged: Logged = new Map()
  const faults: Fault[] = []
  let many = 0
  for await (const line of lines) {
    if (!line.includes('"checkpoint"')) continue
    const checkpoint = checkpointIn(parsed(line))
    if (!checkpoint) continue
    many++
    const { head, signature } = checkpoint
    if (signer.holds(head, signature))
      logged.set(head.chain, (logged.get(head.chain) ?? new Map<number, string>()).set(head.place, head.hash))
    else faults.push({ chain: head.chain, place: head.place, seq: null, what: 'the log has a checkpoint with a forged signature' })
  }
  return { logged, many, faults }
}

function parsed(line: string): Record<string, unknown> {
  try {
    return (JSON.parse(line) ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}

/**
 * Reads the whole trail once, in constant memory.
 * @param log lines of Handoff's log: its checkpoints show what was cut even by somebody who set the whole store back
 * @throws StoreUnavailable
 */
export async function verifyAudit(
  ledger: Pick<Ledger, 'auditChains' | 'storedAudit'>,
  auditKey: string,
  log?: AsyncIterable<string>,
): Promise<Verdict> {
  const signer = checkpointKey(auditKey)
  const { logged, many: inLog, faults } = log ? await checkpointsOf(log, signer) : { logged: new Map() as Logged, many: 0, faults: [] }
  const seen: Seen = { rows: 0, checkpoints: 0, mostChains: 0, erased: new Set(), emptied: new Map() }
  const chains = await ledger.auditChains()

  for (const { chain, head } of chains) {
    const fromLog = logged.get(chain) ?? new Map<number, string>()
    const check = chainCheck(auditKey, signer, fromLog, seen)
    let fault: Fault | undefined
    let hashAtHead: string | undefined
    for await (const page of ledger.storedAudit(chain))
      for (const row of page) {
        fault ??= check.row(row)
        if (row.place === head?.place) hashAtHead = row.hash
      }
    fault ??= await endFault(chain, head && { ...head, hashThere: hashAtHead }, check.last)
    const cut = [...fromLog.keys()].filter((place) => place > check.last.place)
    if (!fault && cut.length > 0)
      fault = { chain, place: check.last.place, seq: null, what: `the tail is cut: the log tells of ${Math.max(...cut)} rows` }
    if (fault) faults.push(fault)
  }

  /** Rows may have been written while we read: then the end that the store has now counts. */
  async function endFault(
    chain: string,
    head: (ChainHead & { seal: string; hashThere: string | undefined }) | null,
    last: { place: number; hash: string },
  ): Promise<Fault | undefined> {
    const fault = (what: string): Fault => ({ chain, place: last.place, seq: null, what })
    if (!head) return fault('the sealed end of the chain is missing')
    if (head.seal !== sealOfHead(auditKey, head)) return fault('the sealed end of the chain is forged')
    if (head.place > last.place) return fault(`the tail is cut: ${head.place - last.place} rows are missing after it`)
    if (head.hashThere !== head.hash) return fault('the sealed end belongs to another row')
    if (head.place === last.place) return undefined
    const now = (await ledger.auditChains()).find((one) => one.chain === chain)?.head
    return now && now.place >= last.place && now.seal === sealOfHead(auditKey, now)
      ? undefined
      : fault('there are rows after the sealed end of the chain')
  }

  const known = new Set(chains.map(({ chain }) => chain))
  for (const chain of logged.keys())
    if (!known.has(chain)) faults.push({ chain, place: null, seq: null, what: 'the log tells of this chain, and all of it is missing' })
  if (seen.mostChains > chains.length)
    faults.push({ chain: '', place: null, seq: null, what: `${seen.mostChains - chains.length} chains are missing` })
  for (const [conversationId, fault] of seen.emptied) if (!seen.erased.has(conversationId)) faults.push(fault)
  return {
    rows: seen.rows,
    chains: chains.length,
    checkpoints: { kept: seen.checkpoints, logged: inLog },
    erased: seen.erased.size,
    faults,
  }
}
