/** Which addresses open a ledger. */
import t from 'tap'
import { openLedger } from '../../src/ledger/open.ts'
import { auditKey } from './fixtures.ts'

t.test('given an address that names no ledger, when it is opened, then the error names DATABASE_URL and does not repeat it', async (t) => {
  for (const url of [
    '',
    'sqlite:',
    'mysql://root:hunter2@db/handoff',
    './data/handoff.db',
    'postgres:',
    'postgres://',
    'postgres://user:hunter2%@[db/handoff',
    'http://hunter2',
  ]) {
    const error = await openLedger(url, { auditKey }).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    )
    t.match(error, { name: 'Error', message: /DATABASE_URL/ }, url)
    t.notMatch(String(error?.stack), 'hunter2')
  }
})

t.test('given sqlite::memory:, when two ledgers are opened, then each has its own database', async (t) => {
  const [ledger, otherLedger] = [await openLedger('sqlite::memory:', { auditKey }), await openLedger('sqlite::memory:', { auditKey })]
  await ledger.addApiKey({ id: 'a', hash: 'b', scopes: [], queues: null, label: '', createdAt: new Date().toISOString(), revokedAt: null })
  t.equal((await ledger.listApiKeys()).length, 1)
  t.same(await otherLedger.listApiKeys(), [])
  await ledger.close()
  await otherLedger.close()
})
