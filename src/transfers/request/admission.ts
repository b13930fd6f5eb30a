/** Whether one more request can be answered by its deadline. One that cannot is refused at once, before anything is done for it. */
import { Problem } from '../../model/problems.ts'

/** With fewer requests under way, none is refused: throughput then measures demand, not capacity. */
export const alwaysAdmitted = 64
/** A request that meets fewer others than this waits for none of them: its answer takes as long as the work itself. */
const fewOthers = 16
/** The weight of each new measurement in the moving average of how long the work itself takes. */
const learningRate = 1 / 64
/** Requests count as waiting for each other once answers take this many times as long as the work itself. */
const waitingFactor = 1.5
/** The age at which an answer under load counts for a third (1/e), ms. */
const memoryMs = 3_000
/** The share of the remaining time that is planned for: the estimate is a mean, and some requests take longer. */
const plannedShare = 0.8
const maxRetryAfterSeconds = 60

/** Answers under load. The recent ones count more. */
interface LoadWindow {
  /** Answers in time, including those that the first request under load waited for. */
  answers: number
  /** The period in which they came, ms. */
  periodMs: number
  /** Answers in time, without those. */
  inTime: number
  /** How long the requests that came and were answered under load took together, ms. */
  tookMs: number
  /** When the last answer was given, epoch ms. */
  lastAt: number
}

/** One admitted request. */
export interface AdmissionTicket {
  /** The request causes work, instead of getting an answer that is known already: the time until its answer counts for the estimate. */
  markProcessed(): void
  /** Called when the request is answered. */
  release(): void
}

export interface Admission {
  /**
   * @param deadlineAt epoch ms
   * @returns undefined if one more request can be answered by its deadline; otherwise OVERLOADED with the time until there is room
   */
  refusal(deadlineAt: number): Problem | undefined
  /**
   * Admits a request.
   * @param receivedAt epoch ms
   * @param deadlineAt epoch ms
   */
  enter(receivedAt: number, deadlineAt: number): AdmissionTicket
  /** How many requests may be under way for one more to be answered within `ms`; Infinity while nothing is known. */
  limit(ms: number): number
  /** How many requests are admitted and not answered. */
  readonly underWay: number
}

/**
 * By Little's law, the requests under way divided by the answers per second are the seconds that the last of them takes
 * (docs/decisions/0007-admission-by-littles-law.md). Throughput measures capacity only once requests wait for each other, and so take
 * longer than the work itself: a platform that takes two seconds for any number of requests is slow, not full. Nothing is known before
 * there were answers under load, and what was learned is forgotten when the load is over.
 * @param clock epoch ms
 */
export function createAdmission(clock: () => number): Admission {
  let underWay = 0
  /** How long the work itself takes, ms. */
  let workMs: number | undefined
  let load: LoadWindow | undefined

  const decay = (ms: number): number => Math.exp(-ms / memoryMs)
  const msSince = (at: number): number => Math.max(0, clock() - at)

  /** The mean time between two answers, ms; 0 unless requests wait for each other. The time since the last answer counts as well. */
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
   * @param others how many requests were under way when this one came
   * @param tookMs how long its answer took
   */
  function learn(others: number, tookMs: number, isInTime: boolean): void {
    if (others < fewOthers) {
      if (isInTime) workMs = workMs === undefined ? tookMs : workMs + (tookMs - workMs) * learningRate
      return
    }
    // The requests that this one waited for were answered meanwhile.
    const before = load ?? { answers: isInTime ? others : 0, periodMs: tookMs, inTime: 0, tookMs: 0, lastAt: clock() }
    const sinceLastMs = msSince(before.lastAt)
    const kept = decay(sinceLastMs)
    // An answer after the deadline took time, but was of no use.
    const useful = isInTime ? 1 : 0
    load = {
      answers: before.answers * kept + useful,
      periodMs: before.periodMs * kept + sinceLastMs,
      inTime: before.inTime * kept + useful,
      tookMs: before.tookMs * kept + tookMs,
      lastAt: clock(),
    }
    // The platform may have become faster since the work itself was measured.
    if (workMs !== undefined && load.inTime >= fewOthers) workMs = Math.min(workMs, load.tookMs / load.inTime)
  }

  return {
    refusal(deadlineAt) {
      const remainingMs = deadlineAt - clock()
      const most = limit(remainingMs)
      if (underWay < most) return undefined
      // No request stays under way for longer than its deadline.
      const waitMs = Math.min((underWay - most + 1) * answerIntervalMs(), Math.max(0, remainingMs))
      return new Problem('OVERLOADED', `${underWay} requests are under way, and no more than ${most} can be answered in time.`, {
        retryAfterSeconds: Math.min(maxRetryAfterSeconds, Math.max(1, Math.ceil(waitMs / 1_000))),
      })
    },
    enter(receivedAt, deadlineAt) {
      const others = underWay++
      let isProcessed = false
      return {
        markProcessed() {
          isProcessed = true
        },
        release() {
          underWay--
          if (isProcessed) learn(others, Math.max(0, clock() - receivedAt), clock() < deadlineAt)
          if (underWay < fewOthers) load = undefined
        },
      }
    },
    limit,
    get underWay() {
      return underWay
    },
  }
}
