/** The files that the search saves: a spreadsheet must show what was there, and must not run any of it. */
import t from 'tap'
import { importConsole } from './console-module.ts'

type Transfers = Array<Record<string, unknown>>
const { toCsv, toNdjson } = await importConsole<{ toCsv: (transfers: Transfers) => string; toNdjson: (transfers: Transfers) => string }>(
  'csv.js',
)

const transfer = {
  id: '01a223e8-c900-760f-b6a6-45ceaae0c654',
  conversationId: '8c2f1a54-3d6b-4f0e-9a71-5b2c8d9e0f13',
  state: 'picked_up',
  code: null,
  target: { type: 'number', address: '+13175550100' },
  resolvedTarget: null,
  reason: 'billing_dispute',
  priority: -5,
  hops: [{}, {}],
  requestedBy: 'crm',
  createdAt: '2026-11-28T20:00:00.000Z',
  updatedAt: '2026-11-28T20:00:09.000Z',
  latencyMs: 120,
  pickupMs: 8000,
  agentUserId: null,
}

/** Reads CSV as RFC 4180 describes it. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === '\r\n') rows.push([])
  }
  return rows.filter((row) => row.some((field) => field !== ''))
}
const cell = (fields: object, column: string): string => {
  const [head = [], row = []] = readCsv(toCsv([{ ...transfer, ...fields }]).replace(/^\ufeff/, ''))
  return row[head.indexOf(column)] ?? 'no such column'
}

t.test('given transfers, then there is a head and a row for each, and every line ends', async (t) => {
  const text = toCsv([transfer, transfer])
  t.equal(text.split('\r\n').length, 4)
  t.ok(text.endsWith('\r\n'))
  const [head, row] = readCsv(text.replace(/^\ufeff/, ''))
  t.equal(head?.length, row?.length)
  t.strictSame([cell({}, 'hops'), cell({}, 'code'), cell({}, 'pickupMs')], ['2', '', '8000'])
})

t.test('given names beyond ASCII, then a spreadsheet is told that the file is UTF-8', async (t) => {
  t.equal(toCsv([transfer])[0], '\ufeff')
  t.equal(cell({ reason: 'Rückfrage' }, 'reason'), 'Rückfrage')
})

t.test('given fields with separators, quotes and line ends, then they stay one field', async (t) => {
  for (const reason of ['a,b', 'say "no"', 'one\r\ntwo', 'one\ntwo', 'one\rtwo', ',', '"']) t.equal(cell({ reason }, 'reason'), reason)
})

t.test('given text that a spreadsheet would run as a formula, then a quote comes before it; numbers stay numbers', async (t) => {
  for (const reason of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '＝1'])
    t.equal(cell({ reason }, 'reason'), `'${reason}`)
  t.equal(cell({}, 'target'), "'+13175550100")
  t.equal(cell({}, 'priority'), '-5')
})

t.test('given no transfers, then there is only the head', async (t) => {
  t.equal(readCsv(toCsv([]).replace(/^\ufeff/, '')).length, 1)
  t.equal(toNdjson([]), '')
})

t.test('given transfers as NDJSON, then each line is one, complete', async (t) => {
  const lines = toNdjson([transfer, { ...transfer, summary: 'one\ntwo' }]).split('\n')
  t.strictSame([lines.length, lines.at(-1)], [3, ''])
  t.strictSame(JSON.parse(String(lines[1])), { ...transfer, summary: 'one\ntwo' })
})
