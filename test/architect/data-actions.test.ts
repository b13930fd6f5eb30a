import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { dataActionFiles, type DataAction } from '../../src/architect/data-actions.ts'
import { FlatAnswerSchema, FlatRequestSchema } from '../../src/architect/flat-response.ts'
import { shippedAction } from './architect.ts'
import { brokenRules } from './contract-rules.ts'
import { rendered } from './velocity.ts'

const folder = new URL('../../architect/', import.meta.url)
const request = 'Handoff-Request-Transfer.custom.json'

t.test('the files of architect/ are what the routes say (npm run architect writes them)', async (t) => {
  t.strictSame(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .toSorted(),
    Object.keys(dataActionFiles).toSorted(),
  )
  for (const [name, action] of Object.entries(dataActionFiles))
    t.equal(readFileSync(new URL(name, folder), 'utf8'), `${JSON.stringify(action, null, 2)}\n`, name)
})

t.test('the platform would take every file', async (t) => {
  for (const name of Object.keys(dataActionFiles)) t.strictSame(brokenRules(name, shippedAction(name)), [], name)
  const names = Object.values(dataActionFiles).map((action) => action.name)
  t.equal(new Set(names).size, names.length, 'no two have one name')
  for (const name of names) t.match(name, /v\d+$/, 'which has a number, as a published contract cannot be changed')
})

t.test('a flow may say and read everything that the routes know', async (t) => {
  const { input, output } = shippedAction(request).contract
  t.strictSame(Object.keys(input.inputSchema.properties), Object.keys(FlatRequestSchema.properties))
  t.strictSame(Object.keys(output.successSchema.properties), Object.keys(FlatAnswerSchema.properties))
})

t.test('given a file that breaks a rule, when it is checked, then the rule is named', async (t) => {
  type Change = (action: DataAction) => void
  const property =
    (name: string, type: string): Change =>
    (action) => {
      action.contract.input.inputSchema.properties[name] = { type, title: name }
    }
  const cases: Array<[rule: RegExp, Change]> = [
    [/rawRequest is reserved/, property('rawRequest', 'string')],
    [/orgId is reserved/, property('orgId', 'string')],
    [/1st is no name/, property('1st', 'string')],
    [/inputs are flat/, property('context', 'object')],
    [/inputs are flat/, property('skillIds', 'array')],
    [/import fails/, (action) => delete (action as Partial<DataAction>).actionType],
    [/longer than 256/, (action) => (action.name = 'x'.repeat(257))],
    [/from 1 to 60/, (action) => (action.config.timeoutSeconds = 61)],
    [/no timeoutSeconds/, (action) => (action.actionType = 'customAuth')],
    [/\$ref/, (action) => Object.assign(action.contract.output.successSchema.properties['ok'] ?? {}, { $ref: '#/x' })],
    [
      /nested array/,
      (action) => Object.assign(action.contract.output.successSchema.properties['skillIds'] ?? {}, { items: { type: 'object' } }),
    ],
    [/no JSON text/, (action) => (action.config.response.translationMapDefaults['code'] = 'NONE')],
    [/is not translated/, (action) => delete action.config.response.translationMap['ok']],
    [/never filled/, (action) => (action.config.response.successTemplate = '{"ok": ${ok}}')],
    [/is no JSON/, (action) => (action.config.response.successTemplate = '{"ok": ${ok}')],
    [/prints itself/, (action) => (action.config.request.requestTemplate = '{"queueId": "${input.queueId}"}')],
    [/is no input/, (action) => (action.config.request.requestTemplate = '{"queueId": "$!{input.queue}"}')],
    [/not absolute/, (action) => (action.config.request.requestUrlTemplate = '/v1/architect/transfers')],
    [/names no JSON/, (action) => (action.config.request.headers['Accept'] = 'text/html')],
    [/more fields/, (action) => Object.assign(action.contract.input.inputSchema, { additionalProperties: false })],
    [/required and not there/, (action) => delete action.contract.input.inputSchema.properties['conversationId']],
    [/must end in/, (action) => Object.assign(action, { actionType: 'customAuth' })],
  ]
  for (const [rule, change] of cases) {
    const action = shippedAction(request)
    change(action)
    t.match(brokenRules(request, action).join('\n'), rule, String(rule))
  }
})

t.test('templates are filled in as the platform does it', async (t) => {
  const scope = { input: { a: 'say "hi"\n', n: 5, rawRequest: { a: 1 } }, credentials: { id: 'i', key: 'k' } }
  for (const [template, text] of [
    ['${input.n}|$!{input.n}', '5|5'],
    ['${input.none}|$!{input.none}', '${input.none}|'],
    ['${input.rawRequest}', '{"a":1}'],
    ['"$esc.jsonString(${input.a})"', '"say \\"hi\\"\\n"'],
    ['$esc.jsonString(${input.none})|$!esc.jsonString($!{input.none})', '$esc.jsonString(${input.none})|'],
    ['/$esc.url(${input.a})', '/say%20%22hi%22%0A'],
    ['Basic $encoding.base64("${credentials.id}:${credentials.key}")', 'Basic aTpr'],
  ] as const)
    t.equal(rendered(template, scope), text, template)
})
