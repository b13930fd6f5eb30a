/** How the lanes share the limit. */
import t from 'tap'
import { capacityOf, hasRoom, LANES, type Lane } from '../../../../src/genesys/http/rate-limit/lanes.ts'

const byLane = (command: number, read: number, watch: number, bulk = 0) => ({
  total: command + read + watch + bulk,
  byLane: { command, read, watch, bulk },
})

t.test('given a window that commands fill, then each lane stops at its own ceiling', async (t) => {
  // Besides the `used` commands there are 10 reads and 5 watch requests: as many as are reserved for these lanes.
  const room = (lane: Lane, used: number) => hasRoom(lane, 100, byLane(used, 10, 5), 0)
  t.same([room('bulk', 34), room('bulk', 35)], [true, false], 'bulk transfers stop at 50 %')
  t.same([room('watch', 54), room('watch', 55)], [true, false], 'watching stops at 70 %')
  t.same([room('read', 74), room('read', 75)], [true, false], 'reading stops at 90 %')
  t.same([room('command', 84), room('command', 85)], [true, false], 'commands may fill the window')
})

t.test('given commands only, then they leave the floors of the other lanes free', async (t) => {
  t.same([hasRoom('command', 100, byLane(84, 0, 0), 0), hasRoom('command', 100, byLane(85, 0, 0), 0)], [true, false])
  t.equal(hasRoom('read', 100, byLane(85, 9, 0), 0), true)
  t.equal(hasRoom('watch', 100, byLane(85, 9, 4), 0), true)
})

t.test('given a request that is still waiting in another lane, then it cannot use the floor of this lane', async (t) => {
  t.equal(hasRoom('read', 100, byLane(100, 0, 0), 1), true)
  t.equal(hasRoom('read', 100, byLane(100, 0, 0), 0), false)
})

t.test(
  'given a window that bulk transfers have filled as far as they may, then every other lane still has room, and they have no floor',
  async (t) => {
    const filled = byLane(0, 0, 0, 35)
    t.equal(hasRoom('bulk', 100, filled, 0), false)
    for (const lane of ['command', 'read', 'watch'] as const) t.equal(hasRoom(lane, 100, filled, 0), true, lane)
    t.equal(hasRoom('bulk', 100, byLane(50, 10, 5), 0), false, 'while the others use half of the limit, bulk transfers wait')
  },
)

t.test('given any limit, then a lane has a capacity, and room for it in an empty window', async (t) => {
  for (let limit = 1; limit <= 300; limit++)
    for (const lane of LANES) {
      const before = { command: 0, read: 0, watch: 0, bulk: 0, [lane]: capacityOf(lane, limit) - 1 }
      t.ok(hasRoom(lane, limit, byLane(before.command, before.read, before.watch, before.bulk), 0), `${lane} of ${limit}`)
    }
})
