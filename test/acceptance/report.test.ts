/** A report can be made from every recording: of a run that stopped anywhere, and of a platform that answers anything. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { questions } from '../../src/acceptance/questions/table.ts'
import { parseRecording, type Recording } from '../../src/acceptance/recording/recording.ts'
import { formatMarkdown } from '../../src/acceptance/report/markdown.ts'
import { createReport } from '../../src/acceptance/report/report.ts'

const readRecording = (name: string): Recording =>
  parseRecording(readFileSync(join(import.meta.dirname, '../recordings', name, 'recording.json'), 'utf8'))
const recordings = ['simulator-default', 'simulator-refused'].map(readRecording)

t.test('given a run that stopped after any entry, then the report has what was answered until then', async (t) => {
  for (const recording of recordings) {
    const complete = createReport(recording)
    const answeredCounts = recording.entries.map((_, index) => {
      const end = { outcome: 'stopped', reason: 'interrupted by the user' } as const
      const report = createReport({ ...recording, entries: recording.entries.slice(0, index), end })
      formatMarkdown(report)
      return report.answers.filter(({ status }) => status === 'answered').length
    })
    t.equal(answeredCounts[0], 0, 'nothing is answered before the first entry')
    const most = Math.max(...answeredCounts)
    t.ok(most >= complete.answers.filter(({ status }) => status === 'answered').length - 1, `${most} answers in the end`)
    t.match(createReport({ ...recording, entries: [] }).callState, /never read; no command was sent/)
  }
})

t.test('given a platform that answers anything in any place, then a report is made all the same', async (t) => {
  const [recording] = recordings
  if (recording === undefined) return t.fail('there is no recording')
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.nat(recording.entries.length - 1), fc.jsonValue(), fc.nat(599), (index, body, status) => {
        const entries = recording.entries.map((entry, at) =>
          at !== index || (entry.kind !== 'exchange' && entry.kind !== 'event')
            ? entry
            : { ...entry, body, ...(entry.kind === 'exchange' && { status }) },
        )
        const report = createReport({ ...recording, entries })
        return report.answers.length === questions.length && formatMarkdown(report).length > 0
      }),
      { numRuns: 200 },
    ),
  )
  // The places in which questions read lists.
  for (const broken of [{ entities: 'none' }, { entities: [null, 7] }, { entities: [{ state: 'Rejected', missingPermissions: 'x' }] }]) {
    const entries = recording.entries.map((entry) =>
      entry.kind === 'exchange' && entry.status === 200 ? { ...entry, body: broken } : entry,
    )
    t.equal(createReport({ ...recording, entries }).answers.length, questions.length)
  }
})

t.test('given the table of questions, then it has every open question of the README, and ids that differ', async (t) => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const section = /\n## What only a live organization can tell\n([^]*?)\n## /.exec(readme)?.[1] ?? ''
  const numbers = [...section.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number))
  t.ok(numbers.length > 0, 'the README has open questions')
  t.strictSame(
    [...new Set(questions.flatMap(({ readme: number }) => number ?? []))].toSorted((a, b) => a - b),
    numbers,
  )
  t.equal(new Set(questions.map(({ id }) => id)).size, questions.length)
})
