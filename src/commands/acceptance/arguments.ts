/** The options of `npm run acceptance`. */
import type { RunOptions } from '../../acceptance/run/run-context.ts'
import { isUuid } from '../../model/formats/patterns.ts'
import { normalizePhoneNumber } from '../../model/formats/phone-number.ts'
import { readArguments } from '../arguments.ts'

export const acceptanceHelp = `npm run acceptance -- --conversation ID --queue ID [options]
        answer what only a live organization can tell, by moving one test call

  --conversation ID    the test call; it should be in an Architect flow
  --queue ID           the queue that it is moved to
  --agent ID           an agent of the queue to whom it is to be offered first
  --second-queue ID    moved here while it rings at an agent
  --late-command       one more command just after the pickup; the agent may
                       lose the call (needs --second-queue)
  --callback-number N  create a callback to this number, such as +13175550123
  --consult-wait S     seconds to wait for the agent to consult (default 0)
  --pickup-wait S      seconds to wait for a pickup (default 60)
  --flow-wait S        seconds to wait for the flow to transfer the call, if the
                       platform does not take it from the flow (default 30)
  --read-only          read the organization and the call, and stop
  --yes                do not ask before the call is moved
  --out FOLDER         where the report goes (default acceptance-TIME)
Needs GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET, and GENESYS_ENV. Ctrl-C stops
the run, and the report says what was answered until then (docs/acceptance.md).
Exit code 0: the run came to its end; 1: it did not.
`

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

export interface AcceptanceArguments {
  options: RunOptions
  folder: string
  /** Whether the user agrees beforehand. */
  isAgreed: boolean
}

function requireUuid(name: string, value: string | undefined): string {
  if (value === undefined || !isUuid(value)) throw new Error(`--${name} must be an id (a UUID)`)
  return value.toLowerCase()
}

function readSeconds(name: string, value: string): number {
  if (!/^\d{1,4}$/.test(value)) throw new Error(`--${name} must be a whole number of seconds, up to 9999`)
  return Number(value) * 1_000
}

function readNumber(value: string): string {
  const number = normalizePhoneNumber(value)
  if (number === undefined) throw new Error('--callback-number must be a number with its country code, such as +13175550123')
  return number
}

/**
 * @param now is in the name of the default folder
 * @throws Error that names an option that is missing or not valid
 */
export function parseAcceptanceArguments(now: Date, args: string[] = process.argv.slice(2)): AcceptanceArguments | 'help' {
  const { values } = readArguments({
    args,
    options: {
      conversation: text,
      queue: text,
      agent: text,
      'second-queue': text,
      'late-command': flag,
      'callback-number': text,
      'consult-wait': { ...text, default: '0' },
      'pickup-wait': { ...text, default: '60' },
      'flow-wait': { ...text, default: '30' },
      'read-only': flag,
      yes: flag,
      out: text,
      help: flag,
    },
  })
  if (values.help) return 'help'
  const { agent, 'second-queue': secondQueue, 'callback-number': callbackNumber } = values
  if (values['late-command'] && secondQueue === undefined) throw new Error('--late-command needs --second-queue')
  return {
    options: {
      conversationId: requireUuid('conversation', values.conversation),
      queueId: requireUuid('queue', values.queue),
      ...(agent !== undefined && { agentId: requireUuid('agent', agent) }),
      ...(secondQueue !== undefined && { secondQueueId: requireUuid('second-queue', secondQueue) }),
      shouldSendLateCommand: values['late-command'],
      ...(callbackNumber !== undefined && { callbackNumber: readNumber(callbackNumber) }),
      consultWaitMs: readSeconds('consult-wait', values['consult-wait']),
      pickupWaitMs: readSeconds('pickup-wait', values['pickup-wait']),
      flowWaitMs: readSeconds('flow-wait', values['flow-wait']),
      isReadOnly: values['read-only'],
    },
    folder: values.out ?? `acceptance-${now.toISOString().slice(0, 19).replaceAll(':', '-')}`,
    isAgreed: values.yes,
  }
}
