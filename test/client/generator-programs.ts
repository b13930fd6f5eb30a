/**
 * Programs that use clients which other generators have made from the OpenAPI document. Each is type-checked and then run with URL, KEY,
 * CONVERSATION and QUEUE in its environment. It prints what it got, as one line of JSON with the fields of `ProgramOutput`.
 */

export interface ProgramOutput {
  /** `mode` of a dry run, as its type says. */
  dryRunMode: string
  /** The state of the transfer right after the request. */
  requested: string
  /** The state once the outcome is known. */
  outcome: string
  agentUserId: string | null
  /** The code of a refusal. */
  refusal: string
  listed: number
}

/** Types that each program asserts; a type that a generator has lost makes an assignment fail, or one of the `@ts-expect-error` superfluous. */
const typeAssertions = `
export const describeTarget = (target: Transfer['target']): string => {
  switch (target.type) {
    case 'agent': return target.userId
    case 'queue': return target.queueId
    case 'skill': return target.skillId ?? target.skillIds?.join() ?? ''
    case 'number': return target.address
    case 'callback': return target.queueId ?? ''
  }
}
export const describeEvent = (event: WebhookEvent): string =>
  event.type === 'webhook.test' ? event.data.message : event.data.actionId
export const dryRunMode = (mode: DryRun['mode']): 'dryRun' => mode
export const code: Transfer['code'] = null
// @ts-expect-error a queue target needs its queue
export const target: TransferRequest['target'] = { type: 'queue' }
// @ts-expect-error there is no such code
export const noCode: Problem['code'] = 'NO_SUCH_CODE'
// @ts-expect-error an error never has the code of an outcome
export const outcomeCode: Problem['code'] = 'PICKUP_TIMEOUT'
`

const start = `
const { URL: url = '', KEY: key = '', CONVERSATION: conversationId = '', QUEUE: queueId = '' } = process.env
const request: TransferRequest = { conversationId, target: { type: 'queue', queueId }, priority: 1 }
const pause = () => new Promise((resolve) => setTimeout(resolve, 50))
`

/** For the output of @hey-api/openapi-ts in ./generated. */
export const heyApiProgram = `
import { client } from './generated/client.gen.js'
import { getTransfer, listTransfers, requestTransfer } from './generated/index.js'
import type { DryRun, Problem, Transfer, TransferRequest, WebhookEvent } from './generated/index.js'
${typeAssertions}${start}
client.setConfig({ baseUrl: url, auth: () => key })
const dry = await requestTransfer({ body: { ...request, mode: 'dryRun' }, throwOnError: true })
const requested = await requestTransfer({ body: request, headers: { 'Idempotency-Key': 'hey-api' }, throwOnError: true })
if (dry.data.mode !== 'dryRun' || requested.data.mode === 'dryRun') throw new Error('a dry run is not told from a transfer')
const id: string = requested.data.id
let transfer: Transfer
do {
  await pause()
  transfer = (await getTransfer({ path: { id }, throwOnError: true })).data
} while (transfer.state === 'initiated')
const { error } = await getTransfer({ path: { id: conversationId } })
const list = await listTransfers({ query: { conversationId, limit: 5 }, throwOnError: true })
console.log(JSON.stringify({ dryRunMode: dry.data.mode, requested: requested.data.state, outcome: transfer.state, agentUserId: transfer.agentUserId, refusal: error?.code, listed: list.data.transfers.length }))
`

/** For the output of openapi-typescript-codegen in ./generated. */
export const codegenProgram = `
import { ApiError, OpenAPI, TransfersService } from './generated'
import type { DryRun, Problem, Transfer, TransferRequest, WebhookEvent } from './generated'
${typeAssertions}${start}
OpenAPI.BASE = url
OpenAPI.TOKEN = key
async function run(): Promise<void> {
  const dry = await TransfersService.requestTransfer({ requestBody: { ...request, mode: 'dryRun' } })
  const requested = await TransfersService.requestTransfer({ requestBody: request, idempotencyKey: 'codegen' })
  if (dry.mode !== 'dryRun' || requested.mode === 'dryRun') throw new Error('a dry run is not told from a transfer')
  const id: string = requested.id
  let transfer: Transfer
  do {
    await pause()
    transfer = await TransfersService.getTransfer({ id })
  } while (transfer.state === 'initiated')
  const refusal: Problem = await TransfersService.getTransfer({ id: conversationId }).then(() => { throw new Error('found') }, (error: ApiError) => error.body)
  const list = await TransfersService.listTransfers({ conversationId, limit: 5 })
  console.log(JSON.stringify({ dryRunMode: dry.mode, requested: requested.state, outcome: transfer.state, agentUserId: transfer.agentUserId, refusal: refusal.code, listed: list.transfers.length }))
}
void run()
`
