import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from '../conformance.ts'
import { StaleRecord, StoreUnavailable } from '../../../src/ledger/ledger.ts'
import { groupCommit } from '../../../src/ledger/sqlite/group-commit.ts'

/** A table of words in a file, with a record of the transactions on it and a way to let a command fail. */
async function stage(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-commit-'))
  const path = join(folder, 'words.db')
  const database = new DatabaseSync(path, { timeout: 0 })
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE words (word TEXT PRIMARY KEY)')
  t.teardown(async () => {
    database.close()
    await rm(folder, { recursive: true, force: true })
  })
  const log: string[] = []
  const failing: string[] = []
  const commits = groupCommit(
    {
      get isTransaction() {
        return database.isTransaction
      },
      exec(sql) {
        log.push(sql)
        if (failing[0] === sql) throw new Error(`${failing.shift()} failed`)
        database.exec(sql)
      },
    },
    {
      begins() {},
      ends() {},
      changes: () => database.prepare('SELECT total_changes() AS changes').get()?.['changes'],
    },
  )
  const insert = (word: string) => () => database.prepare('INSERT INTO words VALUES (?)').run(word)
  const write = (word: string, then: () => void = () => {}) =>
    commits.write(() => {
      insert(word)()
      then()
      return word
    })
  const words = () =>
    database
      .prepare('SELECT word FROM words ORDER BY word')
      .all()
      .map((row) => row['word'])
  return { path, database, commits, log, failing, write, words, transactions: () => log.filter((sql) => /^(BEGIN|COMMIT)/.test(sql)) }
}
const throwing = (error: Error) => () => {
  throw error
}

t.test('given several writes in one turn, then they share one commit and are acknowledged after it', async (t) => {
  const { write, words, log, transactions } = await stage(t)
  const seen: number[] = []
  const written = await Promise.all(
    ['a', 'b', 'c'].map((word) =>
      write(word).then((value) => {
        seen.push(log.indexOf('COMMIT'))
        return value
      }),
    ),
  )
  t.same(written, ['a', 'b', 'c'])
  t.same(transactions(), ['BEGIN IMMEDIATE', 'COMMIT'])
  t.ok(seen.every((place) => place > 0))
  await write('d')
  t.equal(transactions().length, 4)
  t.same(words(), ['a', 'b', 'c', 'd'])
})

t.test('given writes that do not fit among others, then those fail alone', async (t) => {
  const { write, words, transactions } = await stage(t)
  const [a, stale, twice, fault, b] = await Promise.allSettled([
    write('a'),
    write('stale', throwing(new StaleRecord('id'))),
    write('a'),
    write('fault', throwing(new TypeError('a fault of ours'))),
    write('b'),
  ])
  t.match([a, b], [{ value: 'a' }, { value: 'b' }])
  t.match([stale, twice, fault], [{ reason: StaleRecord }, { reason: StoreUnavailable }, { reason: TypeError }])
  t.same(words(), ['a', 'b'])
  t.same(transactions(), ['BEGIN IMMEDIATE', 'BEGIN IMMEDIATE', 'COMMIT'])
})

t.test('given a write that is refused, then those before it in the batch are done again, and kept once', async (t) => {
  const { write, words, log } = await stage(t)
  let ran = 0
  const [a, stale] = await Promise.allSettled([write('a', () => ran++), write('stale', throwing(new StaleRecord('id')))])
  t.match([a, stale], [{ value: 'a' }, { reason: StaleRecord }])
  t.equal(ran, 2)
  t.same(words(), ['a'])
  t.ok(log.indexOf('ROLLBACK') < log.indexOf('SAVEPOINT one'), 'what was done the first time is undone before')
})

/** Troubles of the store: how each comes and goes. */
const troubles: Record<string, { begin(on: DatabaseSync, path: string): () => void }> = {
  'a full disk': {
    begin(on) {
      on.exec(`PRAGMA max_page_count = ${(on.prepare('PRAGMA page_count').get() as { page_count: number }).page_count}`)
      return () => on.exec('PRAGMA max_page_count = 1000000')
    },
  },
  'a store that became read-only': {
    begin(on) {
      on.exec('PRAGMA query_only = 1')
      return () => on.exec('PRAGMA query_only = 0')
    },
  },
  'a lock of somebody else': {
    begin(_, path) {
      const other = new DatabaseSync(path)
      other.exec('BEGIN IMMEDIATE')
      return () => other.close()
    },
  },
}
for (const [name, { begin }] of Object.entries(troubles)) {
  t.test(
    `given ${name}, when a batch is written, then all of it is refused and nothing kept; when that is over, then writing goes on`,
    async (t) => {
      const { path, database, write, words } = await stage(t)
      await write('before')
      const end = begin(database, path)
      const long = 'x'.repeat(20_000)
      const batch = await Promise.allSettled([write('a'), write(long), write('stale', throwing(new StaleRecord('id'))), write('b')])
      t.ok(batch.every((one) => one.status === 'rejected' && one.reason instanceof StoreUnavailable))
      t.equal(database.isTransaction, false)
      t.same(words(), ['before'])
      end()
      t.equal(await write(long), long)
      t.same(words(), ['before', long])
    },
  )
}

for (const { commands, refused = [] } of [
  { commands: ['COMMIT'] },
  { commands: ['COMMIT', 'ROLLBACK'] },
  { commands: ['BEGIN IMMEDIATE'] },
  { commands: ['SAVEPOINT one'], refused: ['stale'] },
  { commands: ['RELEASE one', 'ROLLBACK'], refused: ['stale'] },
]) {
  t.test(
    `given a disk that fails at ${commands.join(' and then at ')}, then the batch is refused, and the next one is written`,
    async (t) => {
      const { database, write, words, failing } = await stage(t)
      failing.push(...commands)
      for (const word of refused) write(word, throwing(new StaleRecord('id'))).catch(() => {})
      for (const word of ['a', 'b']) write(word).catch(() => {})
      await t.rejects(write('c'), StoreUnavailable)
      t.same(failing, [])
      t.equal(await write('d'), 'd')
      t.same(words(), ['d'])
      t.equal(database.isTransaction, false)
    },
  )
}

t.test('given writes that wait, when the store is flushed before it is closed, then they are on disk', async (t) => {
  const { commits, write, words } = await stage(t)
  const written = write('a')
  commits.flush()
  t.same(words(), ['a'])
  t.equal(await written, 'a')
})

t.test(
  'given a write whose flush may come later, then it is committed without one, and what was to be told of it waits for the next',
  async (t) => {
    const { commits, database, words } = await stage(t)
    const insert = (word: string) => () => void database.prepare('INSERT INTO words VALUES (?)').run(word)
    const level = () => database.prepare('PRAGMA synchronous').get()?.['synchronous']
    const told: string[] = []
    const tell = (word: string) => commits.onceOnDisk(() => told.push(word))
    await commits.write(insert('a'), 'next')
    tell('a')
    t.same([words(), told, level()], [['a'], [], 1])
    await commits.write(insert('b'), 'next')
    tell('b')
    await commits.write(insert('c'), 'now')
    tell('c')
    t.same([words(), told, level()], [['a', 'b', 'c'], ['a', 'b', 'c'], 2])
    await commits.write(insert('d'), 'soon')
    tell('d')
    t.same([told.at(-1), level()], ['d', 2])
  },
)

t.test(
  'given a write that waits for others to share its flush, when one comes that needs none, then that one does not wait for it',
  async (t) => {
    const { commits, database, words, transactions } = await stage(t)
    const insert = (word: string) => () => void database.prepare('INSERT INTO words VALUES (?)').run(word)
    const patient = commits.write(insert('patient'), 'soon')
    await commits.write(insert('next'), 'next')
    t.same(words(), ['next'])
    await patient
    t.same(words(), ['next', 'patient'])
    const other = commits.write(insert('other'), 'soon')
    await commits.write(insert('now'), 'now')
    await other
    t.equal(transactions().length, 6, 'who has to wait for a flush takes others along')
  },
)

t.test('given a flush that fails, then what waits to be told goes on waiting', async (t) => {
  const { commits, database, failing } = await stage(t)
  const insert = (word: string) => () => void database.prepare('INSERT INTO words VALUES (?)').run(word)
  let told = false
  await commits.write(insert('a'), 'next')
  commits.onceOnDisk(() => void (told = true))
  failing.push('COMMIT')
  await t.rejects(commits.write(insert('b')), StoreUnavailable)
  t.equal(told, false)
  await commits.write(insert('c'))
  t.equal(told, true)
})
