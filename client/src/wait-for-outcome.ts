/** Polls a transfer until its outcome is known, at a pace that Handoff and gateways before it allow. */
import { HandoffError } from './errors.ts'
import { pause, requestedPauseMs } from './limits.ts'
import type { Transfer, TransferState } from './types.ts'

/** Whether a transfer in this state stays in it. `indeterminate` is not final: Handoff goes on looking, and an operator may settle it. */
const isFinal: Readonly<Record<TransferState, boolean>> = {
  accepted: false,
  executing: false,
  decided: false,
  initiated: false,
  indeterminate: false,
  picked_up: true,
  timeout: true,
  abandoned: true,
  failed: true,
  superseded: true,
  callback_created: true,
  rejected: true,
}

const firstPauseMs = 500
const maxPauseMs = 5_000
const pauseFactor = 1.5

export interface WaitOptions {
  /** Time limit, ms; default 120,000. The transfer is read once more then, which may take as long as one attempt. With `overflowAfterSeconds` in the request, allow for all the places that the call may go to. */
  timeoutMs?: number | undefined
  /** Ends the wait. */
  signal?: AbortSignal | undefined
}

/** Reads the transfer once. Rejects with HandoffError. */
export type ReadTransfer = () => Promise<{ transfer: Transfer; headers: Headers }>

/**
 * Reads the transfer until it is in a final state. Pauses grow from 0.5 s to 5 s, and are longer if a response asks for it. Goes on after
 * errors that pass. The time is taken from a clock that cannot be set.
 * @throws HandoffError WAIT_TIMEOUT at the deadline, or as soon as a requested pause would last beyond it; HandoffError that is not retryable;
 * or the reason of the signal
 */
export async function waitForOutcome(
  transferId: string,
  read: ReadTransfer,
  { timeoutMs = 120_000, signal }: WaitOptions,
): Promise<Transfer> {
  const deadlineAt = performance.now() + timeoutMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * pauseFactor, maxPauseMs)) {
    const isLast = performance.now() >= deadlineAt
    let requestedMs = 0
    let lastError: HandoffError | undefined
    let state: TransferState | undefined
    try {
      const { transfer, headers } = await read()
      if (isFinal[transfer.state]) return transfer
      state = transfer.state
      requestedMs = requestedPauseMs(headers)
    } catch (error) {
      if (!(error instanceof HandoffError && error.retryable)) throw error
      lastError = error
      requestedMs = (error.retryAfterSeconds ?? 0) * 1_000
    }
    const leftMs = Math.max(0, Math.ceil(deadlineAt - performance.now()))
    if (isLast || requestedMs > leftMs) {
      const reason = state ? `it is ${state}` : `the last attempt to read it failed: ${lastError?.message}`
      throw new HandoffError('WAIT_TIMEOUT', `The outcome of transfer ${transferId} is not known within ${timeoutMs} ms: ${reason}`, {
        retryable: true,
        transferId,
        retryAfterSeconds: lastError?.retryAfterSeconds,
        cause: lastError,
      })
    }
    // The last pause ends at the deadline, so that the transfer is read once more then.
    await pause(Math.min(Math.max(pauseMs, requestedMs), leftMs), signal)
  }
}
