/** Which permissions the client's role has: each is asked for by a request that can change nothing, because what it names is not there. */
import { randomUUID } from 'node:crypto'
import type { Exchange } from '../genesys/http/exchange.ts'
import { bad, ok, warning, type Finding } from './finding.ts'
import type { PlatformLine, Seen } from './platform-line.ts'

interface Probe {
  check: string
  /** What the role needs; undefined: the platform documents none (genesys-api §1, §5). */
  permission?: string
  method: Exchange['method']
  path: (nobody: string) => string
  body?: (nobody: string) => unknown
}

const participant = (nobody: string): string => `/conversations/${nobody}/participants/${nobody}`
const blindTransfer = 'conversation:communication:blindTransfer'

/** The platform checks the permission before it looks for the conversation: 403 without it, 404 or 400 with it (genesys-api §1.1, §6). */
const probes: readonly Probe[] = [
  {
    check: 'reading conversations',
    permission: 'conversation:communication:view',
    method: 'GET',
    path: (nobody) => `/conversations/${nobody}`,
  },
  {
    check: 'transfer to a queue',
    permission: blindTransfer,
    method: 'POST',
    path: (nobody) => `${participant(nobody)}/replace/queue`,
    body: (nobody) => ({ transferType: 'Unattended', queueId: nobody }),
  },
  {
    check: 'transfer to an agent',
    permission: blindTransfer,
    method: 'POST',
    path: (nobody) => `${participant(nobody)}/replace/agent`,
    body: (nobody) => ({ transferType: 'Unattended', userId: nobody }),
  },
  {
    check: 'skills and priority of a call',
    permission: 'routing:conversation:edit',
    method: 'PATCH',
    path: (nobody) => `/routing/conversations/${nobody}`,
    body: () => ({ priority: 0 }),
  },
  { check: 'reading queues', permission: 'routing:queue:view', method: 'GET', path: (nobody) => `/routing/queues/${nobody}` },
  { check: 'reading skills', permission: 'routing:skill:view', method: 'GET', path: (nobody) => `/routing/skills/${nobody}` },
  { check: 'reading agents', method: 'GET', path: (nobody) => `/users/${nobody}` },
  {
    check: 'participant attributes',
    method: 'PATCH',
    path: (nobody) => `${participant(nobody)}/attributes`,
    body: () => ({ attributes: {} }),
  },
]
/** Only `blindTransfer` itself allows numbers; the narrower ones do not (genesys-api §1.1). */
const toNumbers: Probe = {
  check: 'transfer to a number',
  permission: blindTransfer,
  method: 'POST',
  path: (nobody) => `${participant(nobody)}/transfer`,
  body: () => ({ transferType: 'Unattended' }),
}

const roleCure = (permission: string): string =>
  `add ${permission} to the role of the OAuth client, in every division of the queues, users and conversations involved.`

/** What an answer to a probe means. */
function judged({ check, permission }: Probe, seen: Seen): Finding {
  if (seen.status === 403) {
    const lacking = permission ?? seen.missing[0]
    return lacking === undefined
      ? bad(
          check,
          `the platform refuses it (403 ${seen.code ?? 'without a code'}).`,
          'look at the role and the divisions of the OAuth client.',
        )
      : bad(check, `the permission ${lacking} is missing.`, roleCure(lacking), [lacking])
  }
  if (seen.status === 401)
    return bad(check, 'the platform does not accept the token it has just given.', 'see whether the OAuth client is active.')
  if (seen.status === 429) return warning(check, 'not checked: the rate limit is used up.', 'wait a minute and ask again.')
  if (seen.status === 0 || seen.status >= 500)
    return bad(
      check,
      `the platform did not answer as it should (${seen.status || (seen.broke ?? 'nothing came')}).`,
      'ask again; look at the status of the region.',
    )
  return ok(check, permission ? `${permission} is there.` : 'allowed.')
}

/** One finding for each thing that Handoff does. Asks at most nine times, one after the other. */
export async function checkPermissions(line: PlatformLine, { numbers }: { numbers: boolean }): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const probe of numbers ? [...probes, toNumbers] : probes) {
    const nobody = randomUUID()
    findings.push(judged(probe, await line.ask(probe.method, probe.path(nobody), probe.body?.(nobody))))
  }
  return findings
}
