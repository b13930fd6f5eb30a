/** How a step of the demo is printed. */
import t from 'tap'
import { formatStep } from '../../src/demo/step.ts'
import { createPainter } from '../../src/demo/terminal.ts'

t.test('given a step, then its line has the time since the start and names instead of ids, and fits a line', async (t) => {
  const queueId = '9e0e0000-0000-4000-8000-000000000001'
  const namesById = new Map([[queueId, 'Support']])
  const paint = createPainter(false)
  t.equal(
    formatStep({ at: 1_080, kind: 'initiated', text: `moved to queue ${queueId}` }, 1_000, namesById, paint),
    '   +0.08 s  initiated   moved to queue Support',
  )
  t.equal(formatStep({ at: 1_080, kind: 'initiated', text: 'x'.repeat(200) }, 1_000, namesById, paint).length, 110)
})
