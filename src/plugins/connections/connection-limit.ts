/** How many connections the service accepts: few enough that file descriptors remain for everything else. */
import { readFileSync } from 'node:fs'

/** More connections would be of no use, because the platform limits how many calls can be transferred per minute. */
const maxUsefulConnections = 2_000
/** The share of the file descriptors that incoming connections may use. The rest is for the ledger, the platform, webhooks and the log. */
const usableShare = 0.6
/** Assumed if the limit cannot be read: the default of most systems. */
const defaultOpenFiles = 1_024

/** The number of files that this process may open, according to the text of /proc/self/limits. */
function parseOpenFiles(limits: string): number {
  const [, softLimit = defaultOpenFiles] = /^Max open files\s+(\d+|unlimited)/m.exec(limits) ?? []
  return softLimit === 'unlimited' ? Infinity : Number(softLimit)
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}

/**
 * The highest number of connections that may be open at once.
 * @param limits the text of /proc/self/limits
 */
export const maxConnections = (limits = readLimits()): number =>
  Math.min(maxUsefulConnections, Math.floor(parseOpenFiles(limits) * usableShare))
