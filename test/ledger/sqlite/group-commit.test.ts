/** Which writes share a commit, when they are on disk, and what a failure of the file leaves behind. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { StaleRecord, StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import { createGroupCommit } from '../../../src/ledger/sqlite/group-commit.ts'
import { noFiles } from '../../../src/ledger/sqlite/files/open-files.ts'
import type { TapTest } from '../conformance.ts'

/** A group commit on a file with a table of words. It records the SQL commands, and can make one of them fail. */
async function createWordTable(t: TapTest) {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-commit-'))
  const path = join(folder, 'words.db')
  const database = new DatabaseSync(path, { timeout: 0 })
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE words (word TEXT PRIMARY KEY)')
  t.teardown(async () => {
    database.close()
    await rm(folder, { recursive: true, force: true })
  })
  const commands: string[] = []
  /** These commands fail when they are executed: each one once, in this order. */
  const failingCommands: string[] = []
  const commits = createGroupCommit(
    {
      get isTransaction() {
        return database.isTransaction
      },
      exec(sql) {
        commands.push(sql)
        if (failingCommands[0] === sql) throw new Error(`${failingCommands.shift()} failed`)
        database.exec(sql)
      },
    },
    {
      assertIntact() {},
      toUnavailable: (error) => noFiles.toUnavailable(error),
      onBegin() {},
      beforeCommit() {},
      afterCommit() {},
      countChanges: () => database.prepare('SELECT total_changes() AS changes').get()?.['changes'],
    },
  )
  const insert = (word: string) => () => void database.prepare('INSERT INTO words VALUES (?)').run(word)
  return {
    path,
    database,
    commits,
    commands,
    failingCommands,
    insert,
    /** Writes a word, and runs `afterInsert` in the same write. */
    write: (word: string, afterInsert: () => void = () => {}) =>
      commits.write(() => {
        insert(word)()
        afterInsert()
        return word
      }),
    readWords: () =>
      database
        .prepare('SELECT word FROM words ORDER BY word')
        .all()
        .map((row) => row['word']),
    listTransactionCommands: () => commands.filter((sql) => /^(BEGIN|COMMIT)/.test(sql)),
  }
}
const createThrower = (error: Error) => () => {
  throw error
}

t.test('given several writes in one turn, then they share one commit and are acknowledged after it', async (t) => {
  const { write, readWords, commands, listTransactionCommands } = await createWordTable(t)
  const commitPositions: number[] = []
  const written = await Promise.all(
    ['a', 'b', 'c'].map((word) =>
      write(word).then((value) => {
        commitPositions.push(commands.indexOf('COMMIT'))
        return value
      }),
    ),
  )
  t.same(written, ['a', 'b', 'c'])
  t.same(listTransactionCommands(), ['BEGIN IMMEDIATE', 'COMMIT'])
  t.ok(commitPositions.every((position) => position > 0))
  await write('d')
  t.equal(listTransactionCommands().length, 4)
  t.same(readWords(), ['a', 'b', 'c', 'd'])
})

t.test('given a batch in which some writes are refused, then only those fail', async (t) => {
  const { write, readWords, listTransactionCommands } = await createWordTable(t)
  const [a, stale, duplicate, fault, b] = await Promise.allSettled([
    write('a'),
    write('stale', createThrower(new StaleRecord('id'))),
    write('a'),
    write('fault', createThrower(new TypeError('a fault of this service'))),
    write('b'),
  ])
  t.match([a, b], [{ value: 'a' }, { value: 'b' }])
  t.match([stale, duplicate, fault], [{ reason: StaleRecord }, { reason: StoreUnavailable }, { reason: TypeError }])
  t.same(readWords(), ['a', 'b'])
  t.same(listTransactionCommands(), ['BEGIN IMMEDIATE', 'BEGIN IMMEDIATE', 'COMMIT'])
})

t.test('given a write that is refused, then the writes before it in the batch run again, and each is stored once', async (t) => {
  const { write, readWords, commands } = await createWordTable(t)
  let runs = 0
  const [a, stale] = await Promise.allSettled([write('a', () => runs++), write('stale', createThrower(new StaleRecord('id')))])
  t.match([a, stale], [{ value: 'a' }, { reason: StaleRecord }])
  t.equal(runs, 2)
  t.same(readWords(), ['a'])
  t.ok(commands.indexOf('ROLLBACK') < commands.indexOf('SAVEPOINT one'), 'the first run is rolled back before the second one')
})

/** Failures of the file: each function begins one and returns a function that ends it. */
const fileFailures: Record<string, (database: DatabaseSync, path: string) => () => void> = {
  'a full disk'(database) {
    const { page_count: pageCount } = database.prepare('PRAGMA page_count').get() as { page_count: number }
    database.exec(`PRAGMA max_page_count = ${pageCount}`)
    return () => database.exec('PRAGMA max_page_count = 1000000')
  },
  'a file that became read-only'(database) {
    database.exec('PRAGMA query_only = 1')
    return () => database.exec('PRAGMA query_only = 0')
  },
  'a lock of another process'(_, path) {
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    return () => other.close()
  },
}
for (const [name, beginFailure] of Object.entries(fileFailures)) {
  t.test(
    `given ${name}, when a batch is written, then all of it is rejected and nothing is written; when the failure is over, then writes succeed again`,
    async (t) => {
      const { path, database, write, readWords } = await createWordTable(t)
      await write('before')
      const endFailure = beginFailure(database, path)
      const longWord = 'x'.repeat(20_000)
      const batch = await Promise.allSettled([
        write('a'),
        write(longWord),
        write('stale', createThrower(new StaleRecord('id'))),
        write('b'),
      ])
      t.ok(batch.every((result) => result.status === 'rejected' && result.reason instanceof StoreUnavailable))
      t.equal(database.isTransaction, false)
      t.same(readWords(), ['before'])
      endFailure()
      t.equal(await write(longWord), longWord)
      t.same(readWords(), ['before', longWord])
    },
  )
}

for (const { failing, refused = [] } of [
  { failing: ['COMMIT'] },
  { failing: ['COMMIT', 'ROLLBACK'] },
  { failing: ['BEGIN IMMEDIATE'] },
  { failing: ['SAVEPOINT one'], refused: ['stale'] },
  { failing: ['RELEASE one', 'ROLLBACK'], refused: ['stale'] },
]) {
  t.test(
    `given a file that fails at ${failing.join(' and then at ')}, then the batch is rejected, and the next one is written`,
    async (t) => {
      const { database, write, readWords, failingCommands } = await createWordTable(t)
      failingCommands.push(...failing)
      for (const word of refused) write(word, createThrower(new StaleRecord('id'))).catch(() => {})
      for (const word of ['a', 'b']) write(word).catch(() => {})
      await t.rejects(write('c'), StoreUnavailable)
      t.same(failingCommands, [])
      t.equal(await write('d'), 'd')
      t.same(readWords(), ['d'])
      t.equal(database.isTransaction, false)
    },
  )
}

t.test('given a waiting write, when the ledger commits at once, as before closing, then the write is stored', async (t) => {
  const { commits, write, readWords } = await createWordTable(t)
  const written = write('a')
  commits.commitNow()
  t.same(readWords(), ['a'])
  t.equal(await written, 'a')
})

t.test(
  'given a write whose flush may come later, then it is committed without one, and its listeners wait for the next flush',
  async (t) => {
    const { commits, database, insert, readWords } = await createWordTable(t)
    const synchronousLevel = () => database.prepare('PRAGMA synchronous').get()?.['synchronous']
    const onDisk: string[] = []
    const listen = (word: string) => commits.onceOnDisk(() => onDisk.push(word))
    await commits.write(insert('a'), 'next')
    listen('a')
    t.same([readWords(), onDisk, synchronousLevel()], [['a'], [], 1])
    await commits.write(insert('b'), 'next')
    listen('b')
    await commits.write(insert('c'), 'now')
    listen('c')
    t.same([readWords(), onDisk, synchronousLevel()], [['a', 'b', 'c'], ['a', 'b', 'c'], 2])
    await commits.write(insert('d'), 'soon')
    listen('d')
    t.same([onDisk.at(-1), synchronousLevel()], ['d', 2])
  },
)

t.test(
  'given a write that waits to share a flush, when a write that needs no flush follows, then the second one does not wait',
  async (t) => {
    const { commits, insert, readWords, listTransactionCommands } = await createWordTable(t)
    const waiting = commits.write(insert('soon'), 'soon')
    await commits.write(insert('next'), 'next')
    t.same(readWords(), ['next'])
    await waiting
    t.same(readWords(), ['next', 'soon'])
    const waitingAgain = commits.write(insert('other'), 'soon')
    await commits.write(insert('now'), 'now')
    await waitingAgain
    t.equal(listTransactionCommands().length, 6, 'a write that needs a flush takes the waiting ones along')
  },
)

t.test('given a flush that fails, then its listeners are not called before the next flush', async (t) => {
  const { commits, insert, failingCommands } = await createWordTable(t)
  let isOnDisk = false
  await commits.write(insert('a'), 'next')
  commits.onceOnDisk(() => void (isOnDisk = true))
  failingCommands.push('COMMIT')
  await t.rejects(commits.write(insert('b')), StoreUnavailable)
  t.equal(isOnDisk, false)
  await commits.write(insert('c'))
  t.equal(isOnDisk, true)
})
