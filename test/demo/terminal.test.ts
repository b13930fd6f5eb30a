/** How the demo writes to a terminal. */
import t from 'tap'
import { createPainter, shouldUseColors, truncate } from '../../src/demo/terminal.ts'

t.test('given a text of any width, then it is cut to the width of a line', async (t) => {
  t.equal(truncate('x'.repeat(110)).length, 110)
  t.equal(truncate('x'.repeat(200)).length, 110)
})

t.test('given a terminal, then colors are used unless NO_COLOR is set', async (t) => {
  t.strictSame(
    [shouldUseColors({ isTTY: true }, {}), shouldUseColors({ isTTY: true }, { NO_COLOR: '1' }), shouldUseColors({}, { FORCE_COLOR: '1' })],
    [true, false, false],
  )
  t.equal(createPainter(true)('red', 'late'), '\u001B[31mlate\u001B[39m')
  t.equal(createPainter(false)('red', 'late'), 'late')
})
