/** Whether one more request can be answered by its deadline. One that cannot is refused at once, before anything is done for it. */
import { Problem } from '../../model/problems.ts'

/** With fewer requests in progress, none is refused: throughput then measures demand, not capacity. */
export const alwaysAdmitted = 64
/** With fewer other requests in progress than this, a request waits for none of them: its answer takes as long as the work itself. */
const fewOthers = 16
/** The weight of each new measurement in the moving average of how long the work itself takes. */
const learningRate = 1 / 64
/** Requests count as waiting for each other once answers take this many times as long as the work itself. */
const waitingFactor = 1.5
/** The age, ms, at which an answer under load counts for only about a third (1/e). */
const memoryMs = 3_000
/** The share of the remaining time that the estimate may use: it is a mean, and some requests take longer. */
const plannedShare = 0.8
const maxRetryAfterSeconds = 60

/** The measurements since `fewOthers` or more requests have been in progress. Recent answers count more, so the numbers have fractions. */
interface LoadWindow {
  /** Number of answers in time, with those that the first measured request waited for. */
  answers: number
  /** The period in which `answers` were given, ms. */
  periodMs: number
  /** Number of answers in time to the measured requests alone. */
  inTime: number
  /** Sum of the times that the measured requests took, ms. */
  tookMs: number
  /** When the last answer was given, epoch ms. */
  lastAt: number
}

/** One admitted request. */
export interface AdmissionTicket {
  /** Called when the request causes work, instead of getting a stored answer: only then the time until its answer is measured. */
  markProcessed(): void
  /** Called once when the request is answered. */
  release(): void
}

export interface Admission {
  /**
   * Whether one more request must be refused.
   * @param deadlineAt epoch ms
   * @returns undefined if it can be answered by its deadline; otherwise OVERLOADED, with the time after which a retry may be admitted
   */
  refusal(deadlineAt: number): Problem | undefined
  /**
   * Admits a request.
   * @param receivedAt epoch ms
   * @param deadlineAt epoch ms
   */
  enter(receivedAt: number, deadlineAt: number): AdmissionTicket
  /** How many requests can be in progress if the last of them is to be answered within `ms`; Infinity while nothing is known. */
  limit(ms: number): number
  /** Number of requests that are admitted and not yet answered. */
  readonly requestsInProgress: number
}

/**
 * By Little's law, the requests in progress divided by the answers per second are the seconds until the last of them is answered
 * (docs/decisions/0007-admission-by-littles-law.md). The answers per second measure capacity only if requests wait for each other, which
 * shows in answers that take longer than the work itself: a platform that takes two seconds for any number of requests is slow, not full.
 * So no request is refused before there were answers under load, and the measurements are forgotten when the load is over.
 * @param clock epoch ms
 */
export function createAdmission(clock: () => number): Admission {
  let requestsInProgress = 0
  /** How long the work for one request takes by itself, ms: a moving average; undefined before the first measurement. */
  let workMs: number | undefined
  let load: LoadWindow | undefined

  /** The factor by which measurements lose weight in `ms`. */
  const decay = (ms: number): number => Math.exp(-ms / memoryMs)
  const msSince = (at: number): number => Math.max(0, clock() - at)

  /** The mean time between two answers, ms; 0 if requests do not wait for each other. The time since the last answer counts too. */
  function answerIntervalMs(): number {
    if (!load || load.tookMs <= load.inTime * (workMs ?? 0) * waitingFactor) return 0
    const silenceMs = msSince(load.lastAt)
    return (load.periodMs * decay(silenceMs) + silenceMs) / (load.answers * decay(silenceMs))
  }
  function limit(ms: number): number {
    const intervalMs = answerIntervalMs()
    return intervalMs === 0 ? Infinity : Math.max(alwaysAdmitted, Math.floor((plannedShare * ms) / intervalMs))
  }

  /**
   * Adds an answered request to the estimates.
   * @param others how many other requests were in progress when this one came
   * @param tookMs from the request to its answer
   * @param isInTime whether it was answered before its deadline
   */
  function learn(others: number, tookMs: number, isInTime: boolean): void {
    if (others < fewOthers) {
      if (isInTime) workMs = workMs === undefined ? tookMs : workMs + (tookMs - workMs) * learningRate
      return
    }
    // The first measured request waited for all the others, which were therefore answered in the same period.
    const before = load ?? { answers: isInTime ? others : 0, periodMs: tookMs, inTime: 0, tookMs: 0, lastAt: clock() }
    const sinceLastMs = msSince(before.lastAt)
    const weight = decay(sinceLastMs)
    // An answer after the deadline took time, but is no sign of capacity.
    const answered = isInTime ? 1 : 0
    load = {
      answers: before.answers * weight + answered,
      periodMs: before.periodMs * weight + sinceLastMs,
      inTime: before.inTime * weight + answered,
      tookMs: before.tookMs * weight + tookMs,
      lastAt: clock(),
    }
    // A request cannot take less time than its work: if the mean is lower, the platform has become faster since `workMs` was measured.
    if (workMs !== undefined && load.inTime >= fewOthers) workMs = Math.min(workMs, load.tookMs / load.inTime)
  }

  return {
    refusal(deadlineAt) {
      const remainingMs = deadlineAt - clock()
      const currentLimit = limit(remainingMs)
      if (requestsInProgress < currentLimit) return undefined
      // A request in progress ends at its deadline, so the wait is not estimated to be longer than the time that this one has.
      const waitMs = Math.min((requestsInProgress - currentLimit + 1) * answerIntervalMs(), Math.max(0, remainingMs))
      return new Problem(
        'OVERLOADED',
        `${requestsInProgress} requests are in progress, and no more than ${currentLimit} can be answered in time.`,
        {
          retryAfterSeconds: Math.min(maxRetryAfterSeconds, Math.max(1, Math.ceil(waitMs / 1_000))),
        },
      )
    },
    enter(receivedAt, deadlineAt) {
      const others = requestsInProgress++
      let isProcessed = false
      return {
        markProcessed() {
          isProcessed = true
        },
        release() {
          requestsInProgress--
          if (isProcessed) learn(others, Math.max(0, clock() - receivedAt), clock() < deadlineAt)
          if (requestsInProgress < fewOthers) load = undefined
        },
      }
    },
    limit,
    get requestsInProgress() {
      return requestsInProgress
    },
  }
}
