/** Compares the records of the open transfers with the audit trail: a copy of the database file that was torn has parts of different ages. */
import { parseObject } from '../../model/json-fields.ts'
import { isFinal, states, type State } from '../../model/states.ts'
import type { AuditStore } from '../contract/audit.ts'
import type { CopyStore } from '../contract/copies.ts'
import type { TransferStore } from '../contract/transfers.ts'
import type { IntegrityFault } from './integrity-fault.ts'

/** A transfer that changes during the check is read again, so often at most. */
const tries = 3

const isState = (status: unknown): status is State => (states as readonly unknown[]).includes(status)

type Reader = Pick<AuditStore, 'readStoredAudit' | 'findAuditEntries'> &
  Pick<CopyStore, 'listOpenStates'> &
  Pick<TransferStore, 'findTransfer'>

/** The states of the transfers that are not over, by id, as the rows of a chain tell them in order. */
async function readAuditedStates(ledger: Reader, chain: string): Promise<Map<string, State>> {
  const audited = new Map<string, State>()
  for await (const page of ledger.readStoredAudit(chain))
    for (const { transferId, entry } of page) {
      const status = transferId === null ? undefined : parseObject(entry)?.['status']
      if (transferId === null || !isState(status)) continue
      if (isFinal(status)) audited.delete(transferId)
      else audited.set(transferId, status)
    }
  return audited
}

/** What is wrong with a transfer whose record and audit trail seemed to differ; undefined: nothing, now that it is read again. */
async function describeDifference(ledger: Reader, id: string): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    const audited = (await ledger.findAuditEntries(id)).map(({ status }) => status).findLast(isState)
    const stored = (await ledger.findTransfer(id))?.state
    if (stored === audited) return undefined
    if (attempt < tries) continue
    return stored === undefined
      ? `transfer ${id} is missing: by the audit trail it is ${audited}`
      : `transfer ${id} is ${stored}, and by the audit trail it is ${audited ?? 'unknown'}`
  }
}

/**
 * Both are written in one transaction, so they only differ if the database has parts of different ages.
 * @param chain the only chain of the ledger
 * @throws StoreUnavailable
 */
export async function findRecordFaults(ledger: Reader, chain: string): Promise<IntegrityFault[]> {
  const audited = await readAuditedStates(ledger, chain)
  const stored = await ledger.listOpenStates()
  const suspicious = new Set([...audited, ...stored].map(([id]) => id).filter((id) => audited.get(id) !== stored.get(id)))
  const faults: IntegrityFault[] = []
  for (const id of suspicious) {
    const what = await describeDifference(ledger, id)
    if (what !== undefined) faults.push({ chain, place: null, seq: null, what })
  }
  return faults
}
