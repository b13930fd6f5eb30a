/**
 * Writes changes of transfers to the ledger: with an event for each endpoint and the encoded response, and with retries where a change must
 * not be lost.
 */
import { v7 as uuid } from 'uuid'
import type { CrmEvent } from '../ledger/contract/deliveries.ts'
import type { Change, TransferStore } from '../ledger/contract/transfers.ts'
import { retryWhileUnavailable, type RetryOptions } from '../ledger/retry-while-unavailable.ts'
import type { TransferRecord } from '../model/transfer.ts'
import type { ResponseCodec } from './request/outcome.ts'
import type { Rules } from './stage-context.ts'
import { withSummary, type UnaddressedEvent } from './stages/crm-webhook.ts'
import type { Transition } from './transition.ts'

/** The ids of the CRM's endpoints that receive events of this type, such as `transfer.initiated`. */
export type FindEndpointIds = (eventType: string) => readonly string[]

export interface RecorderDependencies {
  ledger: Pick<TransferStore, 'writeChange' | 'updateTransfer'>
  codec: Pick<ResponseCodec, 'encode'>
  rules: Pick<Rules, 'includesSummaryInEvents'>
  findEndpointIds: FindEndpointIds
  /** Resolves after `ms`. */
  wait: (ms: number) => Promise<void>
  /** Whether the service has answered all its callers and is closing: then writes are not retried. */
  isClosing: () => boolean
}

export interface Recorder {
  /** The change as the ledger stores it: with an event for each endpoint, and the response encoded. */
  toChange(change: Transition): Change
  /**
   * Writes a change, and changes of other transfers in the same transaction.
   * @returns the record as it was written
   * @throws StaleRecord, StoreUnavailable
   */
  write(change: Transition, others?: Transition[]): Promise<TransferRecord>
  /**
   * Writes a change that must not be lost: the write is retried until the ledger accepts it.
   * @param onUnavailable called whenever a try has failed
   * @throws StaleRecord; StoreUnavailable while closing
   */
  writeWithRetry(change: Transition, others?: Transition[], onUnavailable?: RetryOptions['onUnavailable']): Promise<TransferRecord>
  /**
   * Changes a transfer as it is stored at this moment, whichever node owns it. A change that the owner decided before cannot be written
   * afterwards.
   * @param decide gets the stored record, and may be called more than once. The owner of the record that it returns becomes the owner. When it
   *   returns undefined, nothing is written
   * @returns the transfer as it is stored afterwards; undefined if there is none
   * @throws StoreUnavailable, and what `decide` throws
   */
  update(id: string, decide: (stored: TransferRecord) => Transition | undefined): Promise<TransferRecord | undefined>
}

/** Between two tries of `writeWithRetry`. */
const retryPauseMs = 500

export function createRecorder({ ledger, codec, rules, findEndpointIds, wait, isClosing }: RecorderDependencies): Recorder {
  const addressEvent = (event: UnaddressedEvent, record: TransferRecord): CrmEvent[] => {
    const endpoints = findEndpointIds(event.type)
    const told = rules.includesSummaryInEvents && endpoints.length > 0 ? withSummary(event, record) : event
    return endpoints.map((endpoint) => ({ id: `evt_${uuid()}`, ...told, endpoint }))
  }
  const toChange = ({ event, response, ...change }: Transition): Change => {
    const events = event ? addressEvent(event, change.record) : []
    return {
      ...change,
      ...(events.length > 0 && { events }),
      ...(response && { response: response === 'release' ? response : codec.encode(response) }),
    }
  }
  async function write(change: Change, others: Change[]): Promise<TransferRecord> {
    await ledger.writeChange(change, others)
    return change.record
  }
  return {
    toChange,
    write: (change, others = []) => write(toChange(change), others.map(toChange)),
    writeWithRetry(change, others = [], onUnavailable) {
      // Made before the first try, so that every try has the same event ids: a try that was committed after all is then recognized.
      const [first, rest] = [toChange(change), others.map(toChange)]
      return retryWhileUnavailable(() => write(first, rest), { pauseMs: retryPauseMs, wait, isStopped: isClosing, onUnavailable })
    },
    update: (id, decide) =>
      ledger.updateTransfer(id, (stored) => {
        const change = decide(stored)
        return change && toChange(change)
      }),
  }
}
