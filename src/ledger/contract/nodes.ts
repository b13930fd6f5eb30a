/** The other nodes of the ledger: what must not be done while one of them runs. */

/** A node that holds a lease in the ledger. */
export interface OtherNode {
  host: string
  /** Id of its process. */
  pid: number
}

/** Every method throws StoreUnavailable. */
export interface NodeStore {
  /** The other nodes whose lease is valid: those that run, or were killed within the last seconds on another machine. */
  findOtherNodes(): Promise<OtherNode[]>
  /** Whether all nodes write the same audit chain (SQLite), and not one each. */
  readonly sharesAuditChain: boolean
}
