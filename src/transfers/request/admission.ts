/** Whether one more request can be answered by its deadline; one that cannot is refused at once, before anything is done for it. */
import { Problem } from '../../model/problems.ts'

/** So many at once are never refused: with few under way, answers tell how much is asked, not how much can be done. */
export const alwaysAdmitted = 64
/** Who meets fewer than this waits for nobody: his answer tells what the work itself takes. */
const few = 16
/** How slowly that is learnt: a part of each difference. */
const learning = 1 / 64
/** In a crowd that takes so many times longer, requests wait for each other. */
const waiting = 1.5
/** How long an answer in a crowd is remembered, ms: after so long it counts for a third. */
const memoryMs = 3_000
/** The estimate is a mean, so that not all the time there is may be promised. */
const share = 0.8

/** The answers in a crowd, the recent ones counting more. */
interface LoadWindow {
  /** Answers in time, and the ms within which they came. */
  answers: number
  overMs: number
  /** Of the requests that were seen to come and go: those in time, and how long all of them took, ms. */
  inTime: number
  tookMs: number
  /** Of the last answer, epoch ms. */
  at: number
}

/** One request, from the moment it was let in. */
export interface AdmissionTicket {
  /** It is carried, and not only told what is known already: its answer will count for the estimate. */
  markProcessed(): void
  /** It is answered. */
  release(): void
}
export interface Admission {
  /** What a request that must be answered by `deadlineAt` (epoch ms) is refused with: OVERLOADED, and when there will be room; undefined: it fits. */
  refusal(deadlineAt: number): Problem | undefined
  /** Lets a request in. @param receivedAt and `deadlineAt` in epoch ms */
  enter(receivedAt: number, deadlineAt: number): AdmissionTicket
  /** How many may be under way for one more to be answered within `ms`; Infinity while nothing is known. */
  limit(ms: number): number
  /** How many are let in and not answered. */
  readonly underWay: number
}

/**
 * By Little's law those who are under way, divided by the answers a second, are the seconds that the last of them takes. How many
 * answers come tells how many can only where requests wait for each other, and so take longer than they do alone: a platform that takes
 * two seconds for any number at once is slow, not full. Nothing is known before answers have come in a crowd, and nothing is kept of a
 * crowd that has gone.
 * @param clock epoch ms
 */
export function createAdmission(clock: () => number): Admission {
  let underWay = 0
  /** Ms that an answer takes where few are under way. */
  let alone: number | undefined
  let crowd: LoadWindow | undefined

  const fading = (ms: number): number => Math.exp(-ms / memoryMs)
  const since = (at: number): number => Math.max(0, clock() - at)

  /** Ms between two answers, where requests wait for each other; else 0. A silence since the last of them counts. */
  function pace(): number {
    if (!crowd || crowd.tookMs <= crowd.inTime * (alone ?? 0) * waiting) return 0
    const silent = since(crowd.at)
    return (crowd.overMs * fading(silent) + silent) / (crowd.answers * fading(silent))
  }
  function limit(ms: number): number {
    const each = pace()
    return each === 0 ? Infinity : Math.max(alwaysAdmitted, Math.floor((share * ms) / each))
  }

  function remember(ahead: number, ms: number, inTime: boolean): void {
    if (ahead < few) {
      if (inTime) alone = alone === undefined ? ms : alone + (ms - alone) * learning
      return
    }
    // Those before the first were answered while it waited.
    const before = crowd ?? { answers: inTime ? ahead : 0, overMs: ms, inTime: 0, tookMs: 0, at: clock() }
    const passed = since(before.at)
    const kept = fading(passed)
    // An answer that came too late took its time and served nobody.
    const served = inTime ? 1 : 0
    crowd = {
      answers: before.answers * kept + served,
      overMs: before.overMs * kept + passed,
      inTime: before.inTime * kept + served,
      tookMs: before.tookMs * kept + ms,
      at: clock(),
    }
    // The platform may have become faster since few were under way.
    if (alone !== undefined && crowd.inTime >= few) alone = Math.min(alone, crowd.tookMs / crowd.inTime)
  }

  return {
    refusal(deadlineAt) {
      const left = deadlineAt - clock()
      const most = limit(left)
      if (underWay < most) return undefined
      // Nothing stays under way for longer than its deadline.
      const ms = Math.min((underWay - most + 1) * pace(), Math.max(0, left))
      return new Problem('OVERLOADED', `${underWay} requests are under way, and no more than ${most} can be answered in time.`, {
        retryAfterSeconds: Math.min(60, Math.max(1, Math.ceil(ms / 1_000))),
      })
    },
    enter(receivedAt, deadlineAt) {
      const ahead = underWay++
      let counts = false
      return {
        markProcessed() {
          counts = true
        },
        release() {
          underWay--
          if (counts) remember(ahead, Math.max(0, clock() - receivedAt), clock() < deadlineAt)
          if (underWay < few) crowd = undefined
        },
      }
    },
    limit,
    get underWay() {
      return underWay
    },
  }
}
