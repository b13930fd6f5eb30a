/** How a failing or slow source of gauges affects a scrape. */
import t from 'tap'
import { readSources, type GaugeSource } from '../../src/telemetry/scrape.ts'

t.test(
  'given sources of which one fails and one is slow, when they are read, then the others are written, and those two are reset',
  async (t) => {
    const written: string[] = []
    const reset: string[] = []
    const createSource = (name: string, read: () => Promise<void>): [string, GaugeSource] => [
      name,
      { read: async () => (await read(), () => void written.push(name)), reset: () => void reset.push(name) },
    ]
    const failed: string[] = []
    await readSources(
      new Map([
        createSource('working', async () => {}),
        createSource('failing', () => Promise.reject(new Error('gone'))),
        createSource('slow', () => new Promise((resolve) => setTimeout(resolve, 200))),
      ]),
      (name) => failed.push(name),
      20,
    )
    t.strictSame(written, ['working'])
    t.strictSame(reset.toSorted(), ['failing', 'slow', 'working'], 'a working source is reset before it is written')
    t.strictSame(failed.toSorted(), ['failing', 'slow'])
  },
)

t.test('given a source that throws at once, when it is read, then it counts as failed', async (t) => {
  const failed: string[] = []
  const source: GaugeSource = {
    read() {
      throw new Error('gone')
    },
  }
  await readSources(new Map([['broken', source]]), (name) => failed.push(name))
  t.strictSame(failed, ['broken'])
})
