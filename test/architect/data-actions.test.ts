/** The files in the folder architect/ are up to date, and the platform accepts them. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { dataActionFiles, type DataAction } from '../../src/architect/data-actions.ts'
import { FlatRequestSchema } from '../../src/architect/flat-request-schema.ts'
import { FlatAnswerSchema } from '../../src/architect/flat-response.ts'
import { readShippedAction } from './simulated-architect.ts'
import { findBrokenRules } from './contract-rules.ts'
import { renderTemplate } from './velocity.ts'

const folder = new URL('../../architect/', import.meta.url)
const requestFile = 'Handoff-Request-Transfer.custom.json'

t.test(
  'given the schemas of the routes, when the files are generated, then those in architect/ are up to date (npm run architect writes them)',
  async (t) => {
    t.strictSame(
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .toSorted(),
      Object.keys(dataActionFiles).toSorted(),
    )
    for (const [name, action] of Object.entries(dataActionFiles))
      t.equal(readFileSync(new URL(name, folder), 'utf8'), `${JSON.stringify(action, null, 2)}\n`, name)
  },
)

t.test('given every file, when it is checked, then the platform accepts it', async (t) => {
  for (const name of Object.keys(dataActionFiles)) t.strictSame(findBrokenRules(name, readShippedAction(name)), [], name)
  const names = Object.values(dataActionFiles).map((action) => action.name)
  t.equal(new Set(names).size, names.length, 'every name is used once')
  for (const name of names) t.match(name, /v\d+$/, 'and has a version, because a published contract cannot be changed')
})

t.test(
  'given the contract, when a flow uses it, then it can set every field of a request, and read every field of an answer',
  async (t) => {
    const { input, output } = readShippedAction(requestFile).contract
    t.strictSame(Object.keys(input.inputSchema.properties), Object.keys(FlatRequestSchema.properties))
    t.strictSame(Object.keys(output.successSchema.properties), Object.keys(FlatAnswerSchema.properties))
  },
)

t.test('given a file that breaks a rule, when it is checked, then the broken rule is named', async (t) => {
  type Change = (action: DataAction) => void
  const addInput =
    (name: string, type: string): Change =>
    (action) => {
      action.contract.input.inputSchema.properties[name] = { type, title: name }
    }
  const cases: Array<[rule: RegExp, Change]> = [
    [/rawRequest is reserved/, addInput('rawRequest', 'string')],
    [/orgId is reserved/, addInput('orgId', 'string')],
    [/1st is not a valid name/, addInput('1st', 'string')],
    [/inputs are flat/, addInput('context', 'object')],
    [/inputs are flat/, addInput('skillIds', 'array')],
    [/import fails/, (action) => delete (action as Partial<DataAction>).actionType],
    [/longer than 256/, (action) => (action.name = 'x'.repeat(257))],
    [/from 1 to 60/, (action) => (action.config.timeoutSeconds = 61)],
    [/must not have timeoutSeconds/, (action) => (action.actionType = 'customAuth')],
    [/\$ref/, (action) => Object.assign(action.contract.output.successSchema.properties['ok'] ?? {}, { $ref: '#/x' })],
    [
      /array of something other than simple values/,
      (action) => Object.assign(action.contract.output.successSchema.properties['skillIds'] ?? {}, { items: { type: 'object' } }),
    ],
    [/default of code is not JSON/, (action) => (action.config.response.translationMapDefaults['code'] = 'NONE')],
    [/is not translated/, (action) => delete action.config.response.translationMap['ok']],
    [/never filled/, (action) => (action.config.response.successTemplate = '{"ok": ${ok}}')],
    [/success template is not JSON/, (action) => (action.config.response.successTemplate = '{"ok": ${ok}')],
    [/its own text is sent/, (action) => (action.config.request.requestTemplate = '{"queueId": "${input.queueId}"}')],
    [/is not an input/, (action) => (action.config.request.requestTemplate = '{"queueId": "$!{input.queue}"}')],
    [/not absolute/, (action) => (action.config.request.requestUrlTemplate = '/v1/architect/transfers')],
    [/does not name JSON/, (action) => (action.config.request.headers['Accept'] = 'text/html')],
    [/additional properties/, (action) => Object.assign(action.contract.input.inputSchema, { additionalProperties: false })],
    [/required but does not exist/, (action) => delete action.contract.input.inputSchema.properties['conversationId']],
    [/must end in/, (action) => Object.assign(action, { actionType: 'customAuth' })],
  ]
  for (const [rule, change] of cases) {
    const action = readShippedAction(requestFile)
    change(action)
    t.match(findBrokenRules(requestFile, action).join('\n'), rule, String(rule))
  }
})

t.test('given templates, when they are rendered, then the result is the same as on the platform', async (t) => {
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
    t.equal(renderTemplate(template, scope), text, template)
})
