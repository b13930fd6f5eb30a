import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { isFinal } from '../../../src/model/states.ts'
import { until } from '../../support/until.ts'
import { opener } from '../conformance.ts'
import { pages, sound, wholeAudit } from '../scene.ts'
import { startWriter } from './writer-process.ts'

const rounds = 5
const course = ['accepted', 'executing', 'initiated', 'picked_up']

t.test(
  'given a process that is killed while it writes, when the ledger is opened again, then every acknowledged write is there and nothing is half',
  { timeout: 120_000 },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'handoff-killed-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'ledger.db')
    let acknowledged = 0

    for (let round = 0; round < rounds; round++) {
      const writer = await startWriter(t, path, 'until killed')
      writer.go()
      // Killed after so many lines, at another place of the work each time.
      await until(() => writer.lines.length > 40 + 37 * round, 'writes under way')
      writer.kill()
      t.equal(await writer.ended, null)

      const ledger = await opener(t, `sqlite:${path}`)()
      const trail = await wholeAudit(ledger)
      t.ok(await sound(ledger), 'the audit chain holds')
      const statuses = Map.groupBy(trail, ({ actionId }) => actionId)
      const transfers = new Map(
        (await pages((cursor) => ledger.transfers({ limit: 500, ...(cursor && { cursor }) }))).map((record) => [record.id, record]),
      )
      const lost = writer.lines.filter((line) => {
        const [id = '', state = ''] = line.split(' ')
        return course.indexOf(transfers.get(id)?.state ?? '') < course.indexOf(state)
      })
      t.same(lost, [], 'nothing acknowledged is lost')
      const half = [...transfers.values()].filter(
        ({ id, state }) =>
          JSON.stringify(statuses.get(id)?.map(({ status }) => status)) !== JSON.stringify(course.slice(0, course.indexOf(state) + 1)),
      )
      t.same(half, [], 'each row has its audit entries, all of them and no more')
      acknowledged += writer.lines.length

      const claimed = await ledger.claim(1_000)
      t.same(
        claimed.map(({ id }) => id).toSorted(),
        [...transfers.values()]
          .filter(({ state }) => !isFinal(state))
          .map(({ id }) => id)
          .toSorted(),
        'what was under way is taken over at once: the process is known to be dead',
      )
      await ledger.close()
    }
    t.comment(`${rounds} kills, ${acknowledged} acknowledged writes`)
  },
)
