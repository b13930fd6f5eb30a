/** The service's clock while the machine's time is set at random. */
import fc from 'fast-check'
import t from 'tap'
import { createServiceClock, epochMs } from '../../src/model/clock.ts'

/** A machine whose time the test sets. */
function createMachine(startMs = 1_700_000_000_000) {
  const machine = { wall: startMs, monotonic: 5_000.25 }
  const clock = createServiceClock({ wallMs: () => Math.floor(machine.wall), monotonicMs: () => machine.monotonic })
  return {
    clock,
    machine,
    /** Lets time pass. */
    pass(ms: number): void {
      machine.wall += ms
      machine.monotonic += ms
    },
    /** Sets the machine's time forward or back. */
    step: (ms: number): void => void (machine.wall += ms),
  }
}

const hourMs = 3_600_000
const anyEvent = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.double({ min: 0, max: 600_000, noNaN: true }) }),
  fc.record({ kind: fc.constant('step' as const), ms: fc.integer({ min: -2 * hourMs, max: 2 * hourMs }) }),
  fc.record({ kind: fc.constant('follow' as const), ms: fc.integer({ min: -2 * hourMs, max: 2 * hourMs }) }),
)

t.test(
  'given a machine and a store, when their times are set at random, then the clock never runs backward, and its speed differs by at most 2 %',
  async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(anyEvent, { maxLength: 60 }), fc.boolean(), (events, hasStore) => {
          const { clock, machine, pass, step } = createMachine()
          // The clock follows a store from the start.
          if (hasStore) clock.followStore(machine.wall, machine.monotonic, machine.monotonic)
          let last = clock.epochMs()
          for (const { kind, ms } of events) {
            if (kind === 'pass') pass(ms)
            else if (kind === 'step') step(ms)
            else if (hasStore) clock.followStore(machine.wall + ms, machine.monotonic - 2, machine.monotonic)
            const now = clock.epochMs()
            const elapsed = kind === 'pass' ? ms : 0
            if (!Number.isInteger(now) || now < last) return false
            if (now - last < elapsed * 0.98 - 1 || now - last > elapsed * 1.02 + 1) return false
            last = now
          }
          return true
        }),
        { numRuns: 1_000 },
      ),
    )
  },
)

t.test("given a machine, when its time is never set, then the clock shows the machine's time", async (t) => {
  const { clock, machine, pass } = createMachine()
  for (let count = 0; count < 1_000; count++) {
    pass(17.3)
    t.ok(Math.abs(clock.epochMs() - machine.wall) <= 1)
  }
  t.ok(Math.abs(epochMs() - Date.now()) < hourMs, 'so does the clock of the process')
})

t.test(
  'given a machine, when its time is set forward or back by an hour, then the clock approaches it, and finally shows it',
  async (t) => {
    for (const stepMs of [-hourMs, hourMs]) {
      const { clock, machine, pass, step } = createMachine()
      step(stepMs)
      pass(50 * hourMs)
      clock.epochMs()
      t.ok(Math.abs(clock.epochMs() - machine.wall) <= 1)
    }
  },
)

t.test(
  "given a store whose clock is two hours ahead, when it is followed, then the clock shows the store's time, and a slow answer changes nothing",
  async (t) => {
    const { clock, machine, pass } = createMachine()
    clock.followStore(machine.wall + 2 * hourMs, machine.monotonic, machine.monotonic)
    t.ok(Math.abs(clock.epochMs() - machine.wall - 2 * hourMs) <= 1)
    pass(1_000)
    // The answer took three seconds, and the store's clock may have been read at any moment of them.
    clock.followStore(machine.wall + 2 * hourMs - 1_500, machine.monotonic - 3_000, machine.monotonic)
    pass(hourMs)
    t.ok(Math.abs(clock.epochMs() - machine.wall - 2 * hourMs) <= 1)
  },
)
