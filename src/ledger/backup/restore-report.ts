/** What every restore checks: whether a node runs, whether something would be lost, and whether the ledger that was restored is sound. */
import { InvalidSetting } from '../../environment/invalid-setting.ts'
import { verifyLedger, type LedgerReport } from '../audit/ledger-check.ts'
import type { Ledger } from '../contract/ledger.ts'
import { openLedger } from '../open.ts'

export interface RestoreOptions {
  /** AUDIT_KEY, then the keys before it, the newest first. */
  auditKeys: readonly string[]
  /** Whether a ledger that holds something may be replaced. */
  replace: boolean
  /** Whether a backup is restored that is not sound. */
  allowUnsound: boolean
}

export interface RestoreReport extends LedgerReport {
  /** Transfers that are not over: no command will be sent for them. */
  openTransfers: number
  /** ISO 8601 of the newest entry of the audit trail that was found; null: there is none. */
  newestEntryAt: string | null
  /** Where the ledger that was replaced is now. */
  replaced?: string | undefined
}

const unknownKey =
  'is not the key that the backup was written with. Set that key, or name it in AUDIT_KEY_PREVIOUS if AUDIT_KEY was changed since (docs/rotation.md#audit_key)'

const keyOptions = ([auditKey = '', ...previousAuditKeys]: readonly string[]) => ({ auditKey, previousAuditKeys })

const isEmpty = async (ledger: Ledger): Promise<boolean> =>
  (await ledger.listTransfers({ limit: 1 })).items.length === 0 &&
  (await ledger.listAuditChains()).length === 0 &&
  (await ledger.listApiKeys()).length === 0

/** Refuses a target on which a node runs, or that holds something. @throws Error */
export async function requireFreeTarget(url: string, { auditKeys, replace }: RestoreOptions): Promise<void> {
  const ledger = await openLedger(url, keyOptions(auditKeys))
  try {
    const [other] = await ledger.findOtherNodes()
    if (other)
      throw new Error(
        `a node runs on the ledger in DATABASE_URL (process ${other.pid} on ${other.host}): stop all nodes first. One that was killed counts as stopped after 10 s`,
      )
    if (!replace && !(await isEmpty(ledger)))
      throw new Error('the ledger in DATABASE_URL is not empty. To replace it, add --replace; or name a new one in DATABASE_URL')
  } finally {
    await ledger.close()
  }
}

/** Verifies a restored ledger, and marks it as a copy: the next start holds back what was open in it. @throws Error */
export async function checkRestored(url: string, { auditKeys, allowUnsound }: RestoreOptions): Promise<RestoreReport> {
  const ledger = await openLedger(url, keyOptions(auditKeys))
  try {
    if ((await ledger.matchAuditKey()) === 'unknown') throw new InvalidSetting('AUDIT_KEY', unknownKey)
    const report = await verifyLedger(ledger, auditKeys)
    const [first] = report.faults
    if (first && !allowUnsound)
      throw new Error(`the backup is not sound: ${first.what}. Take another one; to restore this one all the same, add --unsound`)
    const openTransfers = (await ledger.listOpenStates()).size
    const newestEntryAt = await ledger.findNewestAuditTime()
    await ledger.markAsCopy()
    return { ...report, openTransfers, newestEntryAt }
  } finally {
    await ledger.close()
  }
}
