/** How many connections the service accepts: as many as leave it enough file descriptors for everything else. */
import { readFileSync } from 'node:fs'

/** More connections than any load balancer needs for the rate at which the platform lets calls be moved. */
const most = 2_000
/** The share of the descriptors that incoming connections may use. The rest is for the ledger, the platform, webhooks and the log. */
const share = 0.6
/** What is assumed where the limit cannot be read: the default of most systems. */
const usualOpenFiles = 1_024

/** The number of files that this process may open, by /proc/self/limits. */
function parseOpenFiles(limits: string): number {
  const [, soft = usualOpenFiles] = /^Max open files\s+(\d+|unlimited)/m.exec(limits) ?? []
  return soft === 'unlimited' ? Infinity : Number(soft)
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}

/** The highest number of open connections. */
export const maxConnections = (limits = readLimits()): number => Math.min(most, Math.floor(parseOpenFiles(limits) * share))
