/** The summary of the doctor's results, and whether they count as healthy. */
import t from 'tap'
import { createFailure, createPass, createWarning, formatResults, isHealthy } from '../../src/doctor/check-result.ts'

const pass = createPass('ledger', 'it can be written.')
const warning = createWarning('schedules', 'the schedules cannot be read.', 'add the permission.', ['routing:schedule:view'])
const failure = createFailure('queue', 'the queues cannot be read.', 'add the permission.', ['routing:queue:view'])

const cases = [
  { given: 'checks without a finding', results: [pass, pass], healthy: true, summary: /^Everything that Handoff needs is in place\.$/ },
  {
    given: 'a warning about a missing permission',
    results: [pass, warning],
    healthy: true,
    summary: /^Handoff can transfer calls, but 1 of 2 checks gave a warning\. Missing permissions: routing:schedule:view\.$/,
  },
  {
    given: 'a warning and a failure',
    results: [warning, failure, pass],
    healthy: false,
    summary: /^1 of 3 checks failed\. Missing permissions: routing:schedule:view, routing:queue:view\.$/,
  },
] as const

for (const { given, results, healthy, summary } of cases)
  t.test(`given ${given}, then the last line and the exit code say the same`, async (t) => {
    t.equal(isHealthy(results), healthy)
    t.match(formatResults(results).trimEnd().split('\n').at(-1), summary)
  })
