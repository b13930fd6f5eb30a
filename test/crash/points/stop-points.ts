/** The points at which the `zombie` campaign stops a node until another has taken over: there it could continue work that it no longer owns. */
import type { CrashPoint } from './crash-point.ts'
import { killPoints } from './kill-points.ts'

const names: ReadonlySet<string> = new Set([
  'conversation read',
  'executing not committed',
  'executing committed',
  'first byte about to be sent',
  'response read, initiated not committed',
  'initiated committed, caller not answered',
  'unknown outcome: after the read (not executed)',
  'second attempt committed',
  'pickup seen, not committed',
  'delivery claimed',
  'webhook sent, result not recorded',
  'at any moment',
  'later hop: conversation read',
  'later hop: executing not committed',
  'later hop: executing committed',
  'later hop: first byte about to be sent',
  'later hop: response read, initiated not committed',
  'later hop: unknown outcome: after the read (not executed)',
  'later hop: second attempt committed',
  'later hop: pickup seen, not committed',
  'later hop: at any moment',
  'callback: conversation read',
  'callback: executing not committed',
  'callback: executing committed',
  'callback: first byte about to be sent',
  'callback: unknown outcome: after the read (not executed)',
  'callback: second attempt committed',
  'callback: response read, not committed',
  'callback: committed, caller not answered',
  'callback: at any moment',
  'change: not stored',
  'change: stored, caller not answered',
  'change: routing not sent',
  'change: routing sent, not recorded',
  'change: pickup seen, not committed',
  'change: at any moment',
])

/** A node is stopped before `canSend`, because that check is what must keep it from sending when it wakes up. */
const beforeCanSend = (point: CrashPoint): CrashPoint =>
  point.port === 'platform' && point.method === 'canSend' ? { ...point, moment: 'before' } : point

export const stopPoints: readonly CrashPoint[] = killPoints.filter(({ name }) => names.has(name)).map(beforeCanSend)
