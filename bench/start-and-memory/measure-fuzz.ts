/** How much memory the service uses after many requests of `npm run fuzz`. */
import { createHostileRequests, createRandom } from '../../test/fuzz/hostile-requests.ts'
import { sendRequests } from '../../test/fuzz/send-requests.ts'
import { readServedDocument } from '../../test/routes/served-document.ts'
import { readResidentMb } from '../harness/process-usage.ts'
import { apiKey, startService } from '../harness/service-process.ts'
import type { Simulator } from '../harness/simulator-process.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'

/** The same requests each time. */
const seed = 1
/** Most of the requests have the first key, which has every scope but transfers:settle and transfers:override. */
const keys = [apiKey, `hk_reader_${'r'.repeat(43)}`] as const
const API_KEYS = `${keys[0]}:transfers:write+transfers:read+audit:read+webhooks:write,${keys[1]}:transfers:read`

/**
 * Sends `count` requests of `npm run fuzz` to a service of its own.
 * @returns its resident memory afterwards, MB
 * @throws Error if a response is not as documented
 */
export async function measureFuzz(count: number, simulator: Simulator): Promise<number> {
  return withTemporaryFolder(async (folder) => {
    const service = await startService(simulator.url, folder, { settings: { API_KEYS } })
    try {
      const served = await readServedDocument(service.url)
      const nextRequest = createHostileRequests(
        served,
        keys.map((key) => `Bearer ${key}`),
        createRandom(seed),
      )
      const { findings } = await sendRequests(service.url, served, nextRequest, count)
      const [finding] = findings.keys()
      if (finding !== undefined) throw new Error(`a request was answered wrongly: ${finding}`)
      return await readResidentMb(service.pid)
    } finally {
      await service.stop()
    }
  })
}
