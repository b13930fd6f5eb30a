/** How changes of transfers reach the ledger: with an event for each endpoint and an encoded response, and with retries if need be. */
import { v7 as uuid } from 'uuid'
import type { CrmEvent } from '../ledger/contract/deliveries.ts'
import type { Change, TransferStore } from '../ledger/contract/transfers.ts'
import { retryWhileUnavailable, type RetryOptions } from '../ledger/retry-while-unavailable.ts'
import type { TransferRecord } from '../model/transfer.ts'
import type { ResponseCodec } from './request/outcome.ts'
import type { Transition } from './transition.ts'

/** The ids of the CRM's endpoints that want events of a type. */
export type Audience = (type: string) => readonly string[]

export interface RecorderDependencies {
  ledger: Pick<TransferStore, 'writeChange' | 'forceChange'>
  codec: Pick<ResponseCodec, 'encode'>
  audience: Audience
  /** Pauses for so many ms. */
  wait: (ms: number) => Promise<void>
  /** Whether the service has answered all its callers and is closing: then writes are not repeated. */
  isClosing: () => boolean
}

export interface Recorder {
  /**
   * Writes a change, and changes of other transfers in the same transaction.
   * @returns the record as it was written
   * @throws StaleRecord, StoreUnavailable
   */
  write(change: Transition, others?: Transition[]): Promise<TransferRecord>
  /**
   * Writes a change that must not be lost: repeated until the ledger takes it.
   * @param onUnavailable called whenever it could not be written
   * @throws StaleRecord; StoreUnavailable while closing
   */
  writeWithRetry(change: Transition, others?: Transition[], onUnavailable?: RetryOptions['onUnavailable']): Promise<TransferRecord>
  /** Writes a change whoever owns the transfer. @returns false if its state has changed meanwhile @throws StoreUnavailable */
  forceWrite(change: Transition): Promise<boolean>
}

const retryPauseMs = 500

export function createRecorder({ ledger, codec, audience, wait, isClosing }: RecorderDependencies): Recorder {
  const toChange = ({ event, response, ...change }: Transition): Change => {
    const events = event ? audience(event.type).map((endpoint): CrmEvent => ({ id: `evt_${uuid()}`, ...event, endpoint })) : []
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
    write: (change, others = []) => write(toChange(change), others.map(toChange)),
    writeWithRetry(change, others = [], onUnavailable) {
      // Made once: a repeated write has the same event ids, and is recognized if the first write was committed after all.
      const [first, rest] = [toChange(change), others.map(toChange)]
      return retryWhileUnavailable(() => write(first, rest), { pauseMs: retryPauseMs, wait, isStopped: isClosing, onUnavailable })
    },
    forceWrite: (change) => ledger.forceChange(toChange(change)),
  }
}
