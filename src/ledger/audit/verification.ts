/** Whether the audit trail is what was written: every row, its place, its chain's end, and the checkpoints, those of the log included (design §9). */
import { chainStart, link, sealOfHead, sealOfPersonal } from './chain.ts'
import { checkpointIn, checkpointKey, type CheckpointKey } from './checkpoint.ts'
import type { AuditEntry, ChainHead, Ledger, SealedHead, StoredAuditRow } from '../ledger.ts'

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

/** The audit row that an erasure leaves; its detail counts the rows that it emptied. */
export const erasedStatus = 'erased'
const emptiedBy = ({ detail }: Pick<AuditEntry, 'detail'>): number => Number(detail['auditRows'] ?? 0)

type Trail = Pick<Ledger, 'auditChains' | 'storedAudit' | 'storedAuditAt' | 'storedAuditOf'>

/** Rows that somebody else vouches for: a checkpoint of another chain, or the log. */
interface Evidence extends ChainHead {
  by: string
}
/** What the rows seen so far tell beyond themselves. */
interface Seen {
  rows: number
  checkpoints: number
  evidence: Evidence[]
  /** By conversation: rows without the personal part they were written with, the first of them, and how many an erasure tells of. */
  emptied: Map<string, { rows: number; first: Fault | undefined; told: number }>
}

const faultOf = ({ chain, place, seq }: StoredAuditRow, what: string): Fault => ({ chain, place, seq, what })

function emptiedOf({ emptied }: Seen, conversationId: string) {
  const known = emptied.get(conversationId) ?? { rows: 0, first: undefined, told: 0 }
  emptied.set(conversationId, known)
  return known
}

/** All rows of SQLite are in one chain, where the store's own count is the chain's. */
const countedByStore = 'main'

/** A check that is given the rows of one chain in order and says what is wrong with each. */
function chainCheck(auditKey: string, signer: CheckpointKey, seen: Seen) {
  let last = { place: 0, hash: chainStart, seq: -Infinity, at: -Infinity }

  function wrong(row: StoredAuditRow, before: typeof last): string | undefined {
    if (row.place <= before.place) return 'it stands where another row does, or before the first'
    if (row.place !== before.place + 1) return `${row.place - before.place - 1} rows before it are missing`
    if (row.hash !== link(auditKey, before.hash, row.entry)) return 'it is not what was written, or not what followed the row before it'
    // From here on the entry is as written; what stands beside it must be too.
    const entry = JSON.parse(row.entry) as AuditEntry
    if (entry.chain !== row.chain || entry.actionId !== row.transferId || entry.conversationId !== row.conversationId)
      return 'the columns it is found by were changed'
    if (row.at !== Math.max(Date.parse(entry.timestamp), before.at)) return 'the time it is found by was changed'
    if (row.seq <= before.seq || (row.chain === countedByStore && row.seq !== row.place)) return 'it was moved'
    if (row.personal !== null && (entry.sealed === undefined || sealOfPersonal(auditKey, row.personal) !== entry.sealed))
      return 'its personal part was changed'
    if (row.personal === null && entry.sealed !== undefined) {
      const emptied = emptiedOf(seen, String(row.conversationId))
      emptied.rows++
      emptied.first ??= faultOf(row, 'its personal part was taken out, and no erasure tells of it')
    }
    if (entry.status === erasedStatus) emptiedOf(seen, String(entry.conversationId)).told += emptiedBy(entry)
    const told = checkpointIn(entry)
    if (told) {
      const { checkpoint, signature } = told
      if (checkpoint.place !== before.place || checkpoint.hash !== before.hash || !signer.holds(checkpoint, signature))
        return 'the checkpoint is forged'
      seen.checkpoints++
      seen.evidence.push(...checkpoint.ends.map((end) => ({ ...end, by: `a checkpoint of chain ${row.chain}` })))
    }
    return undefined
  }

  return {
    /** Undefined: the row is sound. */
    row(row: StoredAuditRow): Fault | undefined {
      seen.rows++
      const what = wrong(row, last)
      last = { place: row.place, hash: row.hash, seq: row.seq, at: row.at }
      return what === undefined ? undefined : faultOf(row, what)
    },
    get last(): { place: number; hash: string } {
      return last
    },
  }
}

function parsed(line: string): Record<string, unknown> {
  try {
    return (JSON.parse(line) ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** What the checkpoints in the lines of a log vouch for. Lines that are something else are passed over. */
async function logged(lines: AsyncIterable<string>, signer: CheckpointKey) {
  const evidence: Evidence[] = []
  const faults: Fault[] = []
  let many = 0
  for await (const line of lines) {
    const told = line.includes('"checkpoint"') ? checkpointIn(parsed(line)) : undefined
    if (!told) continue
    many++
    const { chain, place, hash, ends } = told.checkpoint
    if (signer.holds(told.checkpoint, told.signature))
      evidence.push(...[{ chain, place, hash }, ...ends].map((head) => ({ ...head, by: 'the log' })))
    else faults.push({ chain, place, seq: null, what: 'the log has a checkpoint with a forged signature' })
  }
  return { evidence, faults, many }
}

/** What is wrong with the end of a chain; rows may have been written while we read: then the end that the store has now counts. */
async function endFault(
  trail: Trail,
  auditKey: string,
  chain: string,
  head: SealedHead | null,
  hashAtHead: string | undefined,
  last: { place: number },
): Promise<Fault | undefined> {
  const fault = (what: string): Fault => ({ chain, place: last.place, seq: null, what })
  if (!head) return fault('the sealed end of the chain is missing')
  if (head.seal !== sealOfHead(auditKey, head)) return fault('the sealed end of the chain is forged')
  if (head.place > last.place) return fault(`the tail is cut: ${head.place - last.place} rows are missing after it`)
  if (hashAtHead !== head.hash) return fault('the sealed end belongs to another row')
  if (head.place === last.place) return undefined
  const now = (await trail.auditChains()).find((one) => one.chain === chain)?.head
  const moved = now && now.place >= last.place && now.seal === sealOfHead(auditKey, now)
  return moved ? undefined : fault('there are rows after the sealed end of the chain')
}

/** What others vouch for and is not there: of each chain the first row that is another, or how far it went. Each is looked up by itself: a chain may have begun while we read. */
async function missing(trail: Trail, evidence: Evidence[]): Promise<Fault[]> {
  const found = new Map<string, Fault>()
  const known = new Map<string, string | undefined>()
  const told = evidence.filter(({ place }) => place > 0).toSorted((a, b) => a.place - b.place)
  for (const { chain, place, hash, by } of told) {
    const at = `${chain} ${place}`
    if (!known.has(at)) known.set(at, (await trail.storedAuditAt(chain, place))?.hash)
    const there = known.get(at)
    const first = found.get(chain)
    if (there === undefined && !first?.what.startsWith('another'))
      found.set(chain, { chain, place, seq: null, what: `the tail is cut: ${by} tells of ${place} rows` })
    else if (there !== hash && !first) found.set(chain, { chain, place, seq: null, what: `another row is here than ${by} tells of` })
  }
  return [...found.values()]
}

/** Counts the emptied rows of a conversation and what erasures tell of, once more and at once. */
async function recounted(trail: Trail, conversationId: string): Promise<{ rows: number; told: number }> {
  const count = { rows: 0, told: 0 }
  for (const { entry, personal } of await trail.storedAuditOf(conversationId)) {
    const { sealed, status, detail = {} } = parsed(entry) as Partial<AuditEntry>
    if (sealed !== undefined && personal === null) count.rows++
    if (status === erasedStatus) count.told += emptiedBy({ detail })
  }
  return count
}

/** An erasure empties rows and tells how many: neither fewer nor more may be empty. */
async function* wronglyEmptied(trail: Trail, { emptied }: Seen): AsyncGenerator<Fault> {
  for (const [conversationId, { rows, told, first }] of emptied) {
    if (rows === told) continue
    // It may have been erased while we read.
    const now = await recounted(trail, conversationId)
    if (now.rows === now.told) continue
    yield rows > told && first
      ? first
      : { chain: '', place: null, seq: null, what: `what was erased of conversation ${conversationId} is there again` }
  }
}

/**
 * Reads the whole trail once, a page at a time.
 * @param log lines of Handoff's log: its checkpoints show what was cut even by somebody who set the whole store back
 * @throws StoreUnavailable
 */
export async function verifyAudit(trail: Trail, auditKey: string, log?: AsyncIterable<string>): Promise<Verdict> {
  const signer = checkpointKey(auditKey)
  const fromLog = log ? await logged(log, signer) : { evidence: [], faults: [], many: 0 }
  const { faults } = fromLog
  const seen: Seen = { rows: 0, checkpoints: 0, evidence: [], emptied: new Map() }
  const chains = await trail.auditChains()
  for (const { chain, head } of chains) {
    const check = chainCheck(auditKey, signer, seen)
    let first: Fault | undefined
    let hashAtHead: string | undefined
    for await (const page of trail.storedAudit(chain))
      for (const row of page) {
        const fault = check.row(row)
        first ??= fault
        if (row.place === head?.place) hashAtHead = row.hash
      }
    first ??= await endFault(trail, auditKey, chain, head, hashAtHead, check.last)
    if (first) faults.push(first)
  }
  faults.push(...(await missing(trail, [...fromLog.evidence, ...seen.evidence])))
  for await (const fault of wronglyEmptied(trail, seen)) faults.push(fault)
  const erased = [...seen.emptied.values()].filter(({ told }) => told > 0).length
  return { rows: seen.rows, chains: chains.length, checkpoints: { kept: seen.checkpoints, logged: fromLog.many }, erased, faults }
}
