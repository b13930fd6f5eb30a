/** The service's clock, against random steps of the machine's time. */
import fc from 'fast-check'
import t from 'tap'
import { createServiceClock, epochMs } from '../../src/model/clock.ts'

/** A machine whose time a test sets. */
function createMachine(startMs = 1_700_000_000_000) {
  const machine = { wall: startMs, monotonic: 5_000.25 }
  const clock = createServiceClock({ wallMs: () => Math.floor(machine.wall), monotonicMs: () => machine.monotonic })
  return {
    clock,
    machine,
    pass(ms: number): void {
      machine.wall += ms
      machine.monotonic += ms
    },
    step: (ms: number): void => void (machine.wall += ms),
  }
}

const hourMs = 3_600_000
const eventArbitrary = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: fc.double({ min: 0, max: 600_000, noNaN: true }) }),
  fc.record({ kind: fc.constant('step' as const), ms: fc.integer({ min: -2 * hourMs, max: 2 * hourMs }) }),
  fc.record({ kind: fc.constant('follow' as const), ms: fc.integer({ min: -2 * hourMs, max: 2 * hourMs }) }),
)

t.test(
  'given any sequence of steps of the machine and the store, then moments never go backward, and time passes within 2 %',
  async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(eventArbitrary, { maxLength: 60 }), fc.boolean(), (events, hasStore) => {
          const { clock, machine, pass, step } = createMachine()
          // A store is followed before anything else.
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

t.test('given a machine whose time is not set, then the clock shows its time', async (t) => {
  const { clock, machine, pass } = createMachine()
  for (let count = 0; count < 1_000; count++) {
    pass(17.3)
    t.ok(Math.abs(clock.epochMs() - machine.wall) <= 1)
  }
  t.ok(Math.abs(epochMs() - Date.now()) < hourMs, 'as the clock of the process does')
})

t.test('given a time that is set by an hour, then the clock approaches it, and shows it in the end', async (t) => {
  for (const stepMs of [-hourMs, hourMs]) {
    const { clock, machine, pass, step } = createMachine()
    step(stepMs)
    pass(50 * hourMs)
    clock.epochMs()
    t.ok(Math.abs(clock.epochMs() - machine.wall) <= 1)
  }
})

t.test(
  "given a store whose clock is two hours ahead, then the first moment is the store's, and an uncertain answer changes nothing",
  async (t) => {
    const { clock, machine, pass } = createMachine()
    clock.followStore(machine.wall + 2 * hourMs, machine.monotonic, machine.monotonic)
    t.ok(Math.abs(clock.epochMs() - machine.wall - 2 * hourMs) <= 1)
    pass(1_000)
    // The answer took three seconds: the store's clock was read at any moment of them.
    clock.followStore(machine.wall + 2 * hourMs - 1_500, machine.monotonic - 3_000, machine.monotonic)
    pass(hourMs)
    t.ok(Math.abs(clock.epochMs() - machine.wall - 2 * hourMs) <= 1)
  },
)
