/** The data actions as the platform imports them (architect-and-peers §1.1): built from the routes' own schemas. */
import { answerContract, emptyContract, idContract, requestContract, type ContractSchema } from './contracts.ts'

export interface DataAction {
  name: string
  integrationType: 'custom-rest-actions'
  actionType: 'custom' | 'customAuth'
  config: {
    request: { requestUrlTemplate: string; requestType: 'GET' | 'POST'; headers: Record<string, string>; requestTemplate: string }
    response: { translationMap: Record<string, string>; translationMapDefaults: Record<string, string>; successTemplate: string }
    /** Seconds, 1 to 60; not in a custom auth action. */
    timeoutSeconds?: number
  }
  contract: { input: { inputSchema: ContractSchema }; output: { successSchema: ContractSchema } }
  secure: boolean
}

/** Two more than the route takes at most. */
const timeoutSeconds = 10
const url = '${credentials.baseUrl}/v1/architect/transfers'
const headers = { 'Content-Type': 'application/json', Accept: 'application/json', 'X-API-Key': '${credentials.apiKey}' }

const names = Object.keys(answerContract.properties)
/** JSON text for a field that an answer should lack, which only somebody else's answer does: it must not look like a success. */
const empty: Readonly<Record<string, string>> = { boolean: 'false', integer: '0', array: '[]', string: '""' }
const response: DataAction['config']['response'] = {
  translationMap: Object.fromEntries(names.map((name) => [name, `$.${name}`])),
  translationMapDefaults: {
    ...Object.fromEntries(Object.entries(answerContract.properties).map(([name, { type }]) => [name, empty[type] ?? '""'])),
    code: '"OUTCOME_UNKNOWN"',
  },
  successTemplate: `{${names.map((name) => `"${name}": \${${name}}`).join(', ')}}`,
}

/** A contract cannot be changed once it is published: what does not fit the old one gets a new number. */
const named = (what: string): string => `Handoff - ${what} v1`

function action(name: string, request: Partial<DataAction['config']['request']>, inputSchema: ContractSchema): DataAction {
  return {
    name: named(name),
    integrationType: 'custom-rest-actions',
    actionType: 'custom',
    config: {
      request: { requestUrlTemplate: url, requestType: 'POST', headers, requestTemplate: '${input.rawRequest}', ...request },
      response,
      timeoutSeconds,
    },
    contract: { input: { inputSchema }, output: { successSchema: answerContract } },
    secure: false,
  }
}

const decision = requestContract('Decision request', ['mode'])
/** A required input is always there; of the others `$!` makes nothing, where the plain form would print the template itself. */
const filled = (name: string): string =>
  decision.required?.includes(name) ? `"$esc.jsonString(\${input.${name}})"` : `"$!esc.jsonString($!{input.${name}})"`
const decide = `{"mode": "decide", ${Object.keys(decision.properties)
  .map((name) => `"${name}": ${filled(name)}`)
  .join(', ')}}`

const login: DataAction = {
  name: named('OAuth'),
  integrationType: 'custom-rest-actions',
  actionType: 'customAuth',
  config: {
    request: {
      requestUrlTemplate: '${credentials.baseUrl}/oauth/token',
      requestType: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Accept: 'application/json',
        Authorization: 'Basic $encoding.base64("${credentials.clientId}:${credentials.clientSecret}")',
      },
      requestTemplate: 'grant_type=client_credentials',
    },
    response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
  },
  contract: { input: { inputSchema: emptyContract('Nothing') }, output: { successSchema: emptyContract('Token') } },
  secure: false,
}

/** The files of architect/, by name. */
export const dataActionFiles: Readonly<Record<string, DataAction>> = {
  'Handoff-Request-Transfer.custom.json': action('Request Transfer', {}, requestContract('Transfer request')),
  'Handoff-Decide-Transfer.custom.json': action('Decide Transfer', { requestTemplate: decide }, decision),
  'Handoff-Get-Transfer.custom.json': action(
    'Get Transfer',
    { requestUrlTemplate: `${url}/$esc.url(\${input.transferId})`, requestType: 'GET' },
    idContract,
  ),
  'Handoff-OAuth.customAuth.json': login,
}
