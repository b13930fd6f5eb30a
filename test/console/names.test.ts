/** The names that the service has told: for reading, and for entering a name where the API takes an id. */
import t from 'tap'
import { importConsole } from './console-module.ts'

const { rememberNames, nameOf, listNames, idOf, entryOf, describeValue, describeMessage } = await importConsole<{
  rememberNames: (answer: unknown) => void
  nameOf: (id: string) => string
  listNames: (kind: string) => string[]
  idOf: (text: string, kind: string) => string | undefined
  entryOf: (id: string, kind: string) => string
  describeValue: (value: unknown) => string
  describeMessage: (message: string) => string
}>('names.js')

const id = (number: number): string => `9e0e0000-0000-4000-8000-${String(number).padStart(12, '0')}`

t.test('given an answer with names, then ids are shown by them, and are offered as what they are', async (t) => {
  rememberNames({
    transfers: [{ target: { type: 'skill', skillIds: [id(1)], queueId: id(2) }, resolvedTarget: null, agentUserId: id(3) }],
    names: { [id(1)]: 'Billing', [id(2)]: 'Support', [id(3)]: 'Alex Archer' },
  })
  t.strictSame([nameOf(id(2)), nameOf(id(9))], ['Support', '9e0e0000…0009'])
  t.strictSame([listNames('queue'), listNames('skill'), listNames('agent')], [['Support'], ['Billing'], ['Alex Archer']])
  t.strictSame([idOf('Support', 'queue'), idOf('Support', 'agent'), idOf(id(9).toUpperCase(), 'queue')], [id(2), undefined, id(9)])
  t.equal(entryOf(id(2), 'queue'), 'Support')
})

t.test('given two queues of the same name, then the name is not enough, and the id stands for each', async (t) => {
  for (const number of [10, 11]) rememberNames({ transfer: { target: { queueId: id(number) } }, names: { [id(number)]: 'Twin' } })
  t.equal(idOf('Twin', 'queue'), undefined)
  t.equal(entryOf(id(10), 'queue'), id(10))
  t.equal(listNames('queue').filter((name) => name === 'Twin').length, 1)
})

t.test('given answers without names, then nothing is learnt and nothing breaks', async (t) => {
  for (const answer of [null, 'text', [], {}, { transfers: [] }, { transfer: null }, { names: { [id(12)]: 5 } }]) rememberNames(answer)
  t.equal(nameOf(id(12)), '9e0e0000…0012')
})

t.test('given more names than are kept, then the latest are', async (t) => {
  for (let number = 100; number < 7_000; number++) rememberNames({ names: { [id(number)]: `Queue ${number}` } })
  t.strictSame([nameOf(id(6_999)), nameOf(id(100))], ['Queue 6999', '9e0e0000…0100'])
})

t.test('given a detail that is an id, or the place of a call, then it is shown by its name', async (t) => {
  rememberNames({ names: { [id(20)]: 'Night Desk' } })
  t.strictSame([id(20), `queue:${id(20)}`, `queue:${id(21)}`, 'https://crm.example', 5].map(describeValue), [
    'Night Desk',
    'queue Night Desk',
    'queue 9e0e0000…0021',
    'https://crm.example',
    '5',
  ])
})

t.test('given the place of a number, which is a hash, then it is called an outside number, also within a message', async (t) => {
  t.equal(describeValue('number:1071bcc10234cb5e'), 'an outside number')
  rememberNames({ names: { [id(30)]: 'Day Desk' } })
  t.equal(
    describeMessage(`This conversation was at number:1071bcc10234cb5e before: queue:${id(30)} > number:1071bcc10234cb5e.`),
    'This conversation was at an outside number before: queue Day Desk > an outside number.',
  )
  t.equal(describeMessage('The queue is closed.'), 'The queue is closed.')
})
