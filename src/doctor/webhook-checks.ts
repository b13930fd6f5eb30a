/** Whether webhooks may be sent to each endpoint of the CRM and, on request, whether it accepts a test event. */
import { randomUUID } from 'node:crypto'
import type { Environment } from '../environment.ts'
import { parseEndpointSecrets } from '../webhooks/endpoints.ts'
import { createProxySelector } from '../outbound/proxy-selector.ts'
import { checkUrl } from '../webhooks/network-guard.ts'
import { parseNetworks, type Network } from '../model/formats/networks.ts'
import { createSignatureHeaders } from '../webhooks/signature.ts'
import { createWebhookSender, type WebhookSender } from '../webhooks/webhook-sender.ts'
import { createFailure, createPass, createWarning, type CheckResult } from './check-result.ts'

/** Checks each endpoint. With `shouldSendTestEvent`, sends it an event of type webhook.test. */
export async function checkWebhooks(
  environment: Environment,
  { shouldSendTestEvent }: { shouldSendTestEvent: boolean },
): Promise<CheckResult[]> {
  const { CRM_WEBHOOK_URL: urls, CRM_WEBHOOK_SECRET = '', WEBHOOK_ALLOWED_NETWORKS } = environment
  if (urls.length === 0) return [createWarning('webhook', 'there is no endpoint.', 'set CRM_WEBHOOK_URL if the CRM is to receive events.')]
  const allowedNetworks = parseNetworks(WEBHOOK_ALLOWED_NETWORKS)
  const secrets = parseEndpointSecrets(CRM_WEBHOOK_SECRET, urls.length)
  const sender = createWebhookSender({ allowedNetworks, selectProxy: createProxySelector(environment) })
  try {
    return await Promise.all(
      urls.map((url, index) =>
        checkEndpoint(url, allowedNetworks, shouldSendTestEvent ? { sender, secrets: secrets[index] ?? [] } : undefined),
      ),
    )
  } finally {
    await sender.close()
  }
}

async function checkEndpoint(
  url: string,
  allowedNetworks: Network[],
  test: { sender: WebhookSender; secrets: Buffer[] } | undefined,
): Promise<CheckResult> {
  const check = `webhook ${new URL(url).origin}`
  const urlCheck = checkUrl(url, allowedNetworks)
  if (!urlCheck.isAllowed)
    return createFailure(
      check,
      `the address is refused: ${urlCheck.reason}.`,
      'add its network to WEBHOOK_ALLOWED_NETWORKS, or use a public https address.',
    )
  if (!test) return createPass(check, 'the address is allowed; "npm run doctor -- --webhook" sends it a test event.')
  const body = JSON.stringify({
    type: 'webhook.test',
    timestamp: new Date().toISOString(),
    data: { message: 'This is a test of Handoff; no call was moved.' },
  })
  const headers = createSignatureHeaders(`evt_${randomUUID()}`, Math.floor(Date.now() / 1000), body, test.secrets)
  const { outcome, error = outcome } = await test.sender.send(url, headers, body)
  return outcome === 'delivered'
    ? createPass(check, 'it accepted a test event.')
    : createFailure(check, `${error}.`, 'check the receiver, its certificate and the network in between.')
}
