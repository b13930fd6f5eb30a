/** The types of openapi/transfers.yaml. This file is written by "npm run client:types". */
export interface paths {
  '/health': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Is the process alive
     * @description For the liveness probe of a container: it asks neither the ledger nor the platform.
     *
     *     Needs no key.
     */
    get: operations['health']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/ready': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Can it transfer calls now
     * @description For the readiness probe of a load balancer: the ledger can be written, and the platform answers.
     *
     *     Needs no key.
     */
    get: operations['ready']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/version': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Which version runs
     * @description For people and deployments. The same is in `handoff_build_info` of `GET /metrics`.
     *
     *     Needs no key.
     */
    get: operations['version']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/metrics': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Metrics for Prometheus
     * @description In the text format of Prometheus, of this node only.
     *
     *     Needs no key.
     */
    get: operations['metrics']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/oauth/token': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Issue a token for a key (client credentials)
     * @description Valid for 15 minutes as Authorization: Bearer, but no longer than its key.
     *
     *     Needs no key.
     */
    post: operations['issueToken']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/transfers': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List transfers, newest first
     * @description Pages follow each other by nextCursor; the filters must stay the same.
     *
     *     Needs the scope `transfers:read`.
     */
    get: operations['listTransfers']
    put?: never
    /**
     * Request a transfer
     * @description Answers as soon as the platform has accepted the transfer; pickup, abandonment and other outcomes follow by webhook and GET. A repeat with the same Idempotency-Key and body gets the same answer; without a key, a request for the same conversation and target joins the transfer that is not final yet.
     *
     *     Needs the scope `transfers:write`.
     */
    post: operations['requestTransfer']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/transfers/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Read a transfer
     * @description As it is now: `state` and `code` say how far it is, or how it ended.
     *
     *     Needs the scope `transfers:read`.
     */
    get: operations['getTransfer']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    /**
     * Change a transfer whose call waits in a queue
     * @description For a transfer that is initiated and whose call is at a queue or a skill; otherwise STATE_CONFLICT. The answer comes once the change is stored; then the platform is asked to put it on the call, and asked again after failures that pass. The audit trail says what came of it. The change is for the place where the call waits now: if the call moves on, the next place has the skills that the request said, and the priority goes along. The same change again changes nothing.
     *
     *     Needs the scope `transfers:write`.
     */
    patch: operations['changeTransfer']
    trace?: never
  }
  '/v1/transfers/{id}/audit': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Read the audit entries of a transfer, in order
     * @description What was requested, by whom, what was done, and what the CRM was told.
     *
     *     Needs the scope `transfers:read` or `audit:read`.
     */
    get: operations['auditOfTransfer']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/transfers/{id}/settle': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Settle an indeterminate transfer
     * @description For an operator who knows what the platform does not report: the call was moved (initiated: it is watched for the pickup), it was not (rejected), the caller had hung up (abandoned), or the transfer failed (failed). Recorded in the audit trail with the reason.
     *
     *     Needs the scope `transfers:settle`.
     */
    post: operations['settleTransfer']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/architect/transfers': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Request a transfer (flat request and response)
     * @description For data actions. Answers 200 within 8 s with every field, also when the transfer is refused: see ok and code. 4xx and 5xx only for bad credentials, a body that is not JSON, and an outage of Handoff itself. A repeat after a timeout is answered with the same transfer.
     *
     *     Needs the scope `transfers:write`.
     */
    post: operations['requestArchitectTransfer']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/architect/transfers/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Read a transfer (flat response)
     * @description For data actions, as it is now. An unknown id is answered with 200, too: see ok and code.
     *
     *     Needs the scope `transfers:read`.
     */
    get: operations['getArchitectTransfer']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/transfers/summary': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Count transfers: states, reasons, pickup rate, latency
     * @description Without since: the 24 hours before until. Without until: up to now. At most 400 days. With groupBy, the same transfers are also counted by queue, reason, code or caller.
     *
     *     Needs the scope `transfers:read`.
     */
    get: operations['summariseTransfers']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/transfers/{id}/timeline': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Read everything that happened to a transfer, in order
     * @description Its audit entries, its webhook deliveries with their latest attempts, and its hops, as one list.
     *
     *     Needs the scope `transfers:read`.
     */
    get: operations['timelineOfTransfer']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/transfers/stream': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Follow the changes of transfers
     * @description Server-sent events. `transfer`: a transfer has changed; data has `changes` and the `transfer` as it is now. `open`: the first event. `skipped`: changes were left out, read the list again. `end`: the last event, with the `reason` stopping, slow, unauthorized or failed. A comment follows every 15 s. With Last-Event-ID the stream continues after that event; an event may come twice. To show what is under way: open the stream, then read the list.
     *
     *     Needs the scope `transfers:read`.
     */
    get: operations['streamTransfers']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/bulk-transfers': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List bulk transfers, newest first
     * @description Without their calls. Pages follow each other by nextCursor; the filter must stay the same.
     *
     *     Needs the scope `transfers:read`.
     */
    get: operations['listBulkTransfers']
    put?: never
    /**
     * Move the calls that wait in a queue
     * @description Lists the calls that wait in the queue, and moves them one after another, the oldest first (a priority counts as minutes of waiting). Each call is a transfer of its own, and gets the priority by which it keeps its place. Answers once the list is stored; GET shows the progress. Calls to the platform use only what is left of the rate limit. A call that was picked up or hung up meanwhile is left alone. What concerns every call, such as a target that does not exist, pauses the bulk transfer.
     *
     *     Needs the scope `transfers:write`.
     */
    post: operations['requestBulkTransfer']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/bulk-transfers/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Read a bulk transfer
     * @description How far it is, and what has become of each call.
     *
     *     Needs the scope `transfers:read`.
     */
    get: operations['getBulkTransfer']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/bulk-transfers/{id}/pause': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Pause a bulk transfer
     * @description A call whose transfer has begun is still moved; all others stay where they are. Pausing a paused one changes nothing.
     *
     *     Needs the scope `transfers:write`.
     */
    post: operations['pauseBulkTransfer']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/bulk-transfers/{id}/resume': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Resume a paused bulk transfer
     * @description Goes on with the calls that are pending. Resuming a running one changes nothing.
     *
     *     Needs the scope `transfers:write`.
     */
    post: operations['resumeBulkTransfer']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/bulk-transfers/{id}/cancel': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Cancel a bulk transfer
     * @description A call whose transfer has begun is still moved; the others are not. Calls that were moved stay where they are. It cannot be resumed. Canceling a cancelled one changes nothing.
     *
     *     Needs the scope `transfers:write`.
     */
    post: operations['cancelBulkTransfer']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-deliveries': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List webhook deliveries with their attempts, newest first
     * @description Pages follow each other by nextCursor; the filters must stay the same.
     *
     *     Needs the scope `transfers:read`.
     */
    get: operations['listWebhookDeliveries']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-deliveries/{id}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Read a webhook delivery and the event that it delivers
     * @description With every attempt, so that it shows why an event has not arrived.
     *
     *     Needs the scope `transfers:read`.
     */
    get: operations['getWebhookDelivery']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-deliveries/{id}/redeliver': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Deliver again, from the start of the schedule
     * @description The webhook-id stays the same, so that the CRM can recognize the event.
     *
     *     Needs the scope `webhooks:write`.
     */
    post: operations['redeliverWebhook']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-redeliveries': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Deliver a range again, from the start of the schedule
     * @description Without states: the exhausted and the refused deliveries. They are sent after new deliveries, at a bounded rate, each with the same webhook-id as before.
     *
     *     Needs the scope `webhooks:write`.
     */
    post: operations['redeliverWebhooks']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-endpoints': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List the endpoints of the CRM with their health
     * @description Those of CRM_WEBHOOK_URL, and earlier ones for which deliveries are pending.
     *
     *     Needs the scope `transfers:read` or `webhooks:write`.
     */
    get: operations['listWebhookEndpoints']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/webhook-endpoints/{id}/test': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Send one test event to an endpoint and return the result
     * @description Signed and guarded like every delivery; its type is webhook.test. It is not retried, and no other delivery waits for it. One test at a time for each endpoint: another one meanwhile is answered with 429.
     *
     *     Needs the scope `webhooks:write`.
     */
    post: operations['testWebhookEndpoint']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/v1/audit': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Export the audit trail
     * @description One AuditLine per line, in the order of their times. Without `since` and `until`, entries of any time.
     *
     *     Needs the scope `audit:read`.
     */
    get: operations['exportAudit']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
}
export interface webhooks {
  'transfer.initiated': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * The platform has accepted the transfer
     * @description The call is on its way or waits. With `decide`: the flow was seen to have moved the call.
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onTransferInitiated']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  'transfer.picked_up': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * An agent has picked up
     * @description `agentUserId`, `pickupTime` and `pickupMs` say who and when.
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onTransferPickedUp']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  'transfer.callback_created': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * A callback was created instead of a transfer
     * @description The call stays where it was; `callbackConversationId` is the conversation of the callback, if it is known.
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onTransferCallbackCreated']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  'transfer.failed': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * The platform did not complete the transfer
     * @description `code` says why: TRANSFER_FAILED, FLOWED_OUT (the in-queue flow moved the call elsewhere), GENESYS_CONFLICT, or DECISION_NOT_FOLLOWED (`decide`: the flow did not move the call).
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onTransferFailed']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  'transfer.timeout': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Nobody has picked up in time
     * @description The call is not lost: it may still wait, and be picked up later. A late pickup is in the audit trail; it has no event.
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onTransferTimeout']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  'transfer.abandoned': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * The caller hung up before an agent picked up
     * @description The last event of the transfer.
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onTransferAbandoned']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  'transfer.rejected': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * The transfer was refused, and nothing was done
     * @description `code` is the same as in the answer to the request. A request that is not valid at all has no transfer and no event.
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onTransferRejected']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  'transfer.indeterminate': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * It is not known whether the platform moved the call
     * @description Handoff keeps looking, and another event follows once it knows, or once an operator has settled the transfer.
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onTransferIndeterminate']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  'transfer.superseded': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * A newer transfer, or an action outside Handoff, moved the call on
     * @description `message` says which. A newer transfer has its own events.
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onTransferSuperseded']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  'transfer.overflowed': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Nobody has picked up in time, and the call was moved on
     * @description Comes once for each further place; `hop` is its number, and `targetType` and the ids say where the call is now.
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onTransferOverflowed']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  'webhook.test': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * A test, sent by POST /v1/webhook-endpoints/{id}/test
     * @description No call was moved. It is sent once, and not retried.
     *
     *     At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.
     */
    post: operations['onWebhookTest']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
}
export interface components {
  schemas: {
    Transfer: {
      /** @description UUID v7; the CRM and the audit trail call it actionId */
      id: string
      /** @description The conversation whose call is transferred */
      conversationId: string
      /** @description How far the transfer is, or how it ended */
      state: components['schemas']['TransferState']
      /** @description Why the transfer is in this state; null if the state needs no reason */
      code: components['schemas']['Code'] | null
      /** @description The reason in words, for people; null if the state needs no reason */
      message: string | null
      /**
       * @description Whether Handoff moves the call (execute), or the flow does (decide)
       * @enum {string}
       */
      mode: 'execute' | 'decide'
      target: components['schemas']['ReturnedTarget']
      resolvedTarget: components['schemas']['ResolvedTarget'] | null
      /** @description The target and the fallbacks that were checked, in order: which one takes the call, and why the others do not */
      considered: components['schemas']['Considered'][]
      /** @description The places that the call was moved to, in order; more than one if nobody picked up in time and the call moved on */
      hops: components['schemas']['Hop'][]
      /** @description The priority that was requested, or 0 */
      priority: number
      /** @description As requested; null also once personal data was erased */
      summary: string | null
      /** @description As requested; null also once personal data was erased */
      reason: string | null
      /** @description Number of this transfer among the transfers of its conversation, starting at 1 */
      transferDepth: number
      /** @description Targets that the conversation was at, in order; phone numbers as keyed hashes; elsewhere: a place that the key may not see */
      transferPath: string[]
      /** @description From the request until the platform accepted, ms */
      latencyMs: number | null
      /**
       * Format: date-time
       * @description When the call was picked up, by the platform's clock
       */
      pickupTime: string | null
      /** @description From the acceptance of the first hop by the platform until the pickup, ms */
      pickupMs: number | null
      /** @description The agent who picked up; null also if it was the number to which the calls of the agent are forwarded */
      agentUserId: string | null
      /** @description The conversation that has the callback; null unless one was created, or if that is not known */
      callbackConversationId: string | null
      /** @description Offers that were declined or not answered */
      bounces: number
      /** @description Id of the API key that requested the transfer */
      requestedBy: string
      /**
       * Format: date-time
       * @description When the request was accepted
       */
      createdAt: string
      /**
       * Format: date-time
       * @description When the state changed last
       */
      updatedAt: string
      /** @description The platform's inin-correlation-id of each command */
      correlationIds: string[]
    }
    DryRun: {
      /** @description The conversation whose call is transferred */
      conversationId: string
      /** @description How far the transfer is, or how it ended */
      state: components['schemas']['TransferState']
      /** @description Why the transfer is in this state; null if the state needs no reason */
      code: components['schemas']['Code'] | null
      /** @description The reason in words, for people; null if the state needs no reason */
      message: string | null
      /**
       * @description Nothing was moved and nothing was stored
       * @constant
       * @enum {string}
       */
      mode: 'dryRun'
      target: components['schemas']['ReturnedTarget']
      resolvedTarget: components['schemas']['ResolvedTarget'] | null
      /** @description The target and the fallbacks that were checked, in order: which one takes the call, and why the others do not */
      considered: components['schemas']['Considered'][]
      /** @description The places that the call was moved to, in order; more than one if nobody picked up in time and the call moved on */
      hops: components['schemas']['Hop'][]
      /** @description The priority that was requested, or 0 */
      priority: number
      /** @description As requested; null also once personal data was erased */
      summary: string | null
      /** @description As requested; null also once personal data was erased */
      reason: string | null
      /** @description Number of this transfer among the transfers of its conversation, starting at 1 */
      transferDepth: number
      /** @description Targets that the conversation was at, in order; phone numbers as keyed hashes; elsewhere: a place that the key may not see */
      transferPath: string[]
      /** @description From the request until the platform accepted, ms */
      latencyMs: number | null
      /**
       * Format: date-time
       * @description When the call was picked up, by the platform's clock
       */
      pickupTime: string | null
      /** @description From the acceptance of the first hop by the platform until the pickup, ms */
      pickupMs: number | null
      /** @description The agent who picked up; null also if it was the number to which the calls of the agent are forwarded */
      agentUserId: string | null
      /** @description The conversation that has the callback; null unless one was created, or if that is not known */
      callbackConversationId: string | null
      /** @description Offers that were declined or not answered */
      bounces: number
      /** @description Id of the API key that requested the transfer */
      requestedBy: string
      /**
       * Format: date-time
       * @description When the request was accepted
       */
      createdAt: string
      /**
       * Format: date-time
       * @description When the state changed last
       */
      updatedAt: string
      /** @description The platform's inin-correlation-id of each command */
      correlationIds: string[]
    }
    TransferRequest: {
      /** @description The conversation to transfer */
      conversationId: string
      target: components['schemas']['Target']
      /** @description Priority in the queue: one point counts as one minute of waiting */
      priority?: number
      /** @description Tried in order when the target cannot take the call now; then FALLBACK_QUEUE_ID */
      fallback?: components['schemas']['Target'][]
      /** @description execute moves the call; decide answers where it should go and watches the flow do it; dryRun changes nothing */
      mode?: components['schemas']['Mode']
      /** @description Becomes the customer's participant attributes before the call moves */
      context?: {
        [key: string]: string
      }
      /** @description Why the caller is here, for the agent: becomes the customer's participant attributes handoffSummary1 to handoffSummary4 before the call moves. Blank counts as not given */
      summary?: string
      /** @description A short code for reports: becomes the participant attribute handoffReason, and can be filtered and counted by */
      reason?: string
      /** @description Checks to skip, for an operator who knows better. Needs the scope transfers:override */
      override?: ('depth' | 'loop' | 'openHours' | 'maxWait')[]
      /** @description The same as the Idempotency-Key header: 1 to 255 visible ASCII characters */
      idempotencyKey?: string
    }
    TransferChange: {
      /** @description The new priority in the queue: one point counts as one minute of waiting */
      priority?: number
      /** @description All the skills that the agent must have from now on; an empty list: none */
      skillIds?: string[]
      /** @description Agents to whom the queue offers the call first while it waits, the most wanted one first. If another agent is idle as the call arrives, that agent usually gets it. For a firm preference use `decide`, and let the Transfer to ACD of the flow set the preferred agents; or name the agent as the target and the queue as a fallback */
      preferredUserIds?: string[]
    }
    BulkTransfer: {
      /** @description UUID */
      id: string
      /** @description Whether calls are being moved */
      state: components['schemas']['BulkTransferState']
      /** @description Why it is in this state, if that needs a reason */
      code: components['schemas']['Code'] | null
      /** @description The reason in words, for people */
      message: string | null
      /** @description The queue in which the calls wait */
      fromQueueId: string
      target: components['schemas']['ReturnedTarget']
      fallback: components['schemas']['ReturnedTarget'][]
      /** @description How many calls are moved at most */
      limit: number
      reason: string
      /** @description Id of the API key that requested it */
      requestedBy: string
      /**
       * Format: date-time
       * @description When it was requested
       */
      createdAt: string
      /**
       * Format: date-time
       * @description When its state changed last
       */
      updatedAt: string
      counts: components['schemas']['BulkTransferCounts']
      /** @description The calls in the order in which they are moved */
      calls: components['schemas']['BulkCall'][]
    }
    /** @description A bulk transfer without its calls */
    ListedBulkTransfer: {
      /** @description UUID */
      id: string
      /** @description Whether calls are being moved */
      state: components['schemas']['BulkTransferState']
      /** @description Why it is in this state, if that needs a reason */
      code: components['schemas']['Code'] | null
      /** @description The reason in words, for people */
      message: string | null
      /** @description The queue in which the calls wait */
      fromQueueId: string
      target: components['schemas']['ReturnedTarget']
      fallback: components['schemas']['ReturnedTarget'][]
      /** @description How many calls are moved at most */
      limit: number
      reason: string
      /** @description Id of the API key that requested it */
      requestedBy: string
      /**
       * Format: date-time
       * @description When it was requested
       */
      createdAt: string
      /**
       * Format: date-time
       * @description When its state changed last
       */
      updatedAt: string
      counts: components['schemas']['BulkTransferCounts']
    }
    /** @description What would happen to each call; nothing was moved and nothing was stored */
    BulkDryRun: {
      /** @description The queue in which the calls wait */
      fromQueueId: string
      target: components['schemas']['ReturnedTarget']
      fallback: components['schemas']['ReturnedTarget'][]
      /** @description How many calls are moved at most */
      limit: number
      reason: string
      /** @description Whether more calls wait than the platform has listed */
      isTruncated: boolean
      calls: components['schemas']['BulkDryRunCall'][]
    }
    BulkTransferRequest: {
      /** @description The queue in which the calls wait */
      fromQueueId: string
      target: components['schemas']['Target']
      /** @description As for a single transfer, for each call */
      fallback?: components['schemas']['Target'][]
      /** @description How many calls to move at most; absent: 2000 */
      limit?: number
      /** @description A short code for reports: the reason of each transfer */
      reason: string
      /** @description true: nothing is moved and nothing is stored; the answer says what would happen to each call */
      dryRun?: boolean
    }
    /** @description Flat. Absent, null and "" mean not given; numbers may be text, within the same limits; targetType and mode may be in any case; unknown fields are ignored, and so are skillId, queueId, maxWaitSeconds and preferredUserId when the target is an agent or a number, and maxWaitSeconds, preferredUserId and overflowAfterSeconds when it is a callback. A queue needs targetId or queueId, a skill targetId or skillId; if both are given, they must be the same. The queue of a callback is targetId, queueId or callbackQueueId, else the default queue of Handoff. The conditions are those of the target. */
    ArchitectRequest: {
      /** @description The conversation to transfer */
      conversationId: string
      /** @description agent, queue, skill, number or callback */
      targetType: string
      /** @description The agent's, queue's or skill's id, the number with its country code (+49301234567), or the id of a callback's queue */
      targetId?: string | null
      /** @description For a skill: its id, if targetId is not given. For a queue or callback: a skill that the agent must have */
      skillId?: string | number | null
      /** @description For a queue or callback: the queue's id, if targetId is not given. For a skill: its queue; absent: Handoff's default queue */
      queueId?: string | number | null
      /** @description Priority in the queue: one point counts as one minute of waiting */
      priority?: number | string | null
      /** @description Schedule group: while it is closed, the target is passed over */
      scheduleGroupId?: string | null
      /** @description Emergency group: while it is enabled, the target is passed over; needs scheduleGroupId */
      emergencyGroupId?: string | null
      /** @description The target is passed over if the estimated wait in its queue is longer */
      maxWaitSeconds?: number | string | null
      /** @description The agent to whom the queue offers the call first while it waits; if another agent is idle as it arrives, that agent usually gets it. For a firm preference use decide, and set the preferred agents in Transfer to ACD */
      preferredUserId?: string | null
      /** @description If nobody has picked up after so many seconds, the call moves on from the queue in which it waits to the fallback queue. No effect if it goes to an agent or a number: a call that rings there stays */
      overflowAfterSeconds?: number | string | null
      /** @description Queue to use when the target cannot take the call */
      fallbackQueueId?: string | null
      /** @description Queue whose agents call back when neither the target nor the fallback queue can take the call. For targetType callback: its queue, if targetId and queueId are not given */
      callbackQueueId?: string | null
      /** @description Why the caller is here, for the agent: becomes the attributes handoffSummary1 to handoffSummary4 */
      summary?: string | null
      /** @description A short code for reports: becomes the attribute handoffReason */
      reason?: string | null
      /** @description execute (default) moves the call; decide answers where the flow should move it; dryRun only answers what would be done */
      mode?: string | null
      /** @description 1 to 255 visible ASCII characters: the same key is the same transfer */
      idempotencyKey?: string | number | null
    } & (unknown & unknown & unknown)
    /** @description Flat; "", 0, -1, false and [] instead of null */
    ArchitectAnswer: {
      /** @description true: the call is moving or has moved, or a callback was created, or (decide, dryRun) the target in this answer can take the call; false: code says why not */
      ok: boolean
      /** @description Id of the transfer, or of the one that stands in the way; empty where there is none */
      transferId: string
      /**
       * @description State of the transfer; empty where nothing of the request was recorded
       * @enum {string}
       */
      state:
        | 'accepted'
        | 'executing'
        | 'decided'
        | 'initiated'
        | 'picked_up'
        | 'timeout'
        | 'abandoned'
        | 'failed'
        | 'superseded'
        | 'callback_created'
        | 'rejected'
        | 'indeterminate'
        | ''
      /**
       * @description Reason for ok or state, from a closed list; empty where there is none
       * @enum {string}
       */
      code:
        | 'INVALID_REQUEST'
        | 'NOT_FOUND'
        | 'STATE_CONFLICT'
        | 'UNAUTHENTICATED'
        | 'FORBIDDEN'
        | 'TOO_MANY_REQUESTS'
        | 'IDEMPOTENCY_KEY_IN_USE'
        | 'IDEMPOTENCY_KEY_REUSED'
        | 'CONVERSATION_NOT_FOUND'
        | 'CONVERSATION_ENDED'
        | 'CONVERSATION_NOT_TRANSFERABLE'
        | 'TRANSFER_IN_PROGRESS'
        | 'DEPTH_LIMIT_REACHED'
        | 'LOOP_DETECTED'
        | 'TARGET_NOT_FOUND'
        | 'TARGET_INACTIVE'
        | 'TARGET_NOT_ALLOWED'
        | 'QUEUE_CLOSED'
        | 'NO_AGENT_AVAILABLE'
        | 'GENESYS_REJECTED'
        | 'PERMISSION_MISSING'
        | 'GENESYS_AUTH_FAILED'
        | 'GENESYS_CONFLICT'
        | 'RATE_LIMITED'
        | 'GENESYS_UNAVAILABLE'
        | 'OVERLOADED'
        | 'STORE_UNAVAILABLE'
        | 'EXPIRED'
        | 'OUTCOME_UNKNOWN'
        | 'INTERNAL_ERROR'
        | 'PICKUP_TIMEOUT'
        | 'CALLER_ABANDONED'
        | 'TRANSFER_FAILED'
        | 'FLOWED_OUT'
        | 'SUPERSEDED'
        | 'DECISION_NOT_FOLLOWED'
        | ''
      /** @description The reason in words, for people; where there is none: what Handoff warns of */
      message: string
      /** @description Whether the same request may succeed later */
      retryable: boolean
      /** @description Seconds until the same request may be sent again; 0 where that is not known */
      retryAfterSeconds: number
      /**
       * @description Where the call goes; callback: it stays, and the caller is called back
       * @enum {string}
       */
      targetType: 'agent' | 'queue' | 'skill' | 'number' | 'callback' | ''
      /** @description The queue that the call goes to, or whose agents call back */
      queueId: string
      /** @description The agent who picked up, else the one that the call goes to */
      userId: string
      /** @description The number that the call goes to, or that is called back */
      address: string
      /** @description Skills that the agent must have */
      skillIds: string[]
      /** @description Priority of the call in the queue */
      priority: number
      /** @description Number of this transfer among the transfers of its conversation, starting at 1; 0 where there is no transfer */
      transferDepth: number
      /** @description Whether the call goes to a fallback */
      usedFallback: boolean
      /** @description The platform's estimated wait in the queue that the call goes to; -1 where it was not asked for, or there is none */
      estimatedWaitSeconds: number
      /** @description When the first closed target or fallback opens (ISO 8601, UTC); empty where that is not known */
      opensAt: string
      /** @description Whether a callback was created: the call stays, and the flow says goodbye */
      callbackCreated: boolean
    }
    /** @description RFC 9457 problem details */
    Problem: {
      type: string
      title: string
      status: number
      detail: string
      /** @enum {string} */
      code:
        | 'INVALID_REQUEST'
        | 'NOT_FOUND'
        | 'STATE_CONFLICT'
        | 'UNAUTHENTICATED'
        | 'FORBIDDEN'
        | 'TOO_MANY_REQUESTS'
        | 'IDEMPOTENCY_KEY_IN_USE'
        | 'IDEMPOTENCY_KEY_REUSED'
        | 'CONVERSATION_NOT_FOUND'
        | 'CONVERSATION_ENDED'
        | 'CONVERSATION_NOT_TRANSFERABLE'
        | 'TRANSFER_IN_PROGRESS'
        | 'DEPTH_LIMIT_REACHED'
        | 'LOOP_DETECTED'
        | 'TARGET_NOT_FOUND'
        | 'TARGET_INACTIVE'
        | 'TARGET_NOT_ALLOWED'
        | 'QUEUE_CLOSED'
        | 'NO_AGENT_AVAILABLE'
        | 'GENESYS_REJECTED'
        | 'PERMISSION_MISSING'
        | 'GENESYS_AUTH_FAILED'
        | 'GENESYS_CONFLICT'
        | 'RATE_LIMITED'
        | 'GENESYS_UNAVAILABLE'
        | 'OVERLOADED'
        | 'STORE_UNAVAILABLE'
        | 'EXPIRED'
        | 'OUTCOME_UNKNOWN'
        | 'INTERNAL_ERROR'
      /** @enum {string} */
      stage?: 'validation' | 'verification' | 'execution' | 'webhook' | 'audit-poll'
      /** @description Whether the same request may succeed later */
      retryable: boolean
      /** @description The body field, header or parameter that is not valid */
      field?: string
      /** @description The transfer that was refused, or the one that stands in the way */
      transferId?: string
      retryAfterSeconds?: number
      platformCode?: string
      correlationId?: string
      permissions?: string[]
      /** @description QUEUE_CLOSED: when the first of the closed places opens, if the time is known */
      opensAt?: string
      /** @description QUEUE_CLOSED and NO_AGENT_AVAILABLE: why the target and each fallback were passed over */
      considered?: components['schemas']['Considered'][]
    }
    /** @description An error of the token endpoint (RFC 6749 §5.2) */
    TokenError: {
      /** @enum {string} */
      error: 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'temporarily_unavailable' | 'server_error'
      /** @description What is wrong, in words */
      error_description: string
    }
    AuditEntry: {
      seq: number
      /** Format: date-time */
      timestamp: string
      node: string
      /** @description The chain that its hash belongs to */
      chain: string
      conversationId: string | null
      /** @description The transfer's id */
      actionId: string | null
      status: string
      latencyMs: number | null
      pickupTime: string | null
      depth: number | null
      stage: string | null
      code: string | null
      caller: string | null
      detail: {
        [key: string]: string | number | boolean | null
      }
      /** @description W3C trace id of the request that led to this entry */
      traceId?: string | null
      /** @description Keyed hash that stands for the personal data in the chain */
      sealed?: string
      /** @description Keyed hashes of phone numbers, by which one caller can be followed; null when there are none, or when they were erased */
      personal: {
        [key: string]: string
      } | null
      /** @description Keyed hash over the previous row of the chain and this one */
      hash: string
    }
    /** @description An audit entry in the Elastic Common Schema, with its own fields beside those of ECS */
    AuditLine: {
      /** Format: date-time */
      '@timestamp': string
      'ecs.version': string
      'service.name': string
      'event.kind': string
      'event.category': string[]
      'event.type': string[]
      /** @description The same as status */
      'event.action': string
      'event.outcome': string
      /** @description The same as seq */
      'event.sequence': number
      /** @description Keyed hash over the previous row of the chain and this one */
      'event.hash': string
      /** @description W3C trace id of the request that led to this entry */
      'trace.id'?: string
      seq: number
      /** Format: date-time */
      timestamp: string
      node: string
      /** @description The chain that its hash belongs to */
      chain: string
      conversationId: string | null
      /** @description The transfer's id */
      actionId: string | null
      status: string
      latencyMs: number | null
      pickupTime: string | null
      depth: number | null
      stage: string | null
      code: string | null
      caller: string | null
      detail: {
        [key: string]: string | number | boolean | null
      }
      /** @description Keyed hash that stands for the personal data in the chain */
      sealed?: string
      /** @description Keyed hashes of phone numbers, by which one caller can be followed; null when there are none, or when they were erased */
      personal: {
        [key: string]: string
      } | null
    }
    Delivery: {
      /** @description The webhook-id: the same at every attempt */
      id: string
      /** @description Id of the endpoint that receives it */
      endpoint: string
      transferId: string
      conversationId: string
      type: string
      /** @enum {string} */
      state: 'pending' | 'delivered' | 'exhausted' | 'refused'
      attempts: {
        /** Format: date-time */
        at: string
        status: number | null
        error: string | null
        durationMs: number
      }[]
      /** @description Attempts in the current run of the schedule */
      tries: number
      nextAttemptAt: string | null
      /** Format: date-time */
      createdAt: string
      /** Format: date-time */
      updatedAt: string
    }
    /** @enum {string} */
    TransferState:
      | 'accepted'
      | 'executing'
      | 'decided'
      | 'initiated'
      | 'picked_up'
      | 'timeout'
      | 'abandoned'
      | 'failed'
      | 'superseded'
      | 'callback_created'
      | 'rejected'
      | 'indeterminate'
    /** @enum {string} */
    Code:
      | 'INVALID_REQUEST'
      | 'NOT_FOUND'
      | 'STATE_CONFLICT'
      | 'UNAUTHENTICATED'
      | 'FORBIDDEN'
      | 'TOO_MANY_REQUESTS'
      | 'IDEMPOTENCY_KEY_IN_USE'
      | 'IDEMPOTENCY_KEY_REUSED'
      | 'CONVERSATION_NOT_FOUND'
      | 'CONVERSATION_ENDED'
      | 'CONVERSATION_NOT_TRANSFERABLE'
      | 'TRANSFER_IN_PROGRESS'
      | 'DEPTH_LIMIT_REACHED'
      | 'LOOP_DETECTED'
      | 'TARGET_NOT_FOUND'
      | 'TARGET_INACTIVE'
      | 'TARGET_NOT_ALLOWED'
      | 'QUEUE_CLOSED'
      | 'NO_AGENT_AVAILABLE'
      | 'GENESYS_REJECTED'
      | 'PERMISSION_MISSING'
      | 'GENESYS_AUTH_FAILED'
      | 'GENESYS_CONFLICT'
      | 'RATE_LIMITED'
      | 'GENESYS_UNAVAILABLE'
      | 'OVERLOADED'
      | 'STORE_UNAVAILABLE'
      | 'EXPIRED'
      | 'OUTCOME_UNKNOWN'
      | 'INTERNAL_ERROR'
      | 'PICKUP_TIMEOUT'
      | 'CALLER_ABANDONED'
      | 'TRANSFER_FAILED'
      | 'FLOWED_OUT'
      | 'SUPERSEDED'
      | 'DECISION_NOT_FOLLOWED'
    /** @description Taken only while it is open, by the wall clock of the schedule group's time zone */
    OpenHours: {
      /** @description The schedule group by which it is open or closed */
      scheduleGroupId: string
      /** @description An emergency group that closes it while it is enabled */
      emergencyGroupId?: string
    }
    AgentTarget: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      type: 'agent'
      /** @description The agent */
      userId: string
      /** @description Whether the agent must be on queue and idle; absent or false: a colleague who is off queue is called, too */
      requireOnQueue?: boolean
      openHours?: components['schemas']['OpenHours']
      /** @description No effect here: a call that rings at an agent or a number directly cannot be taken back, and stays. Then `warnings` in `considered` says so. For a call that should move on from an agent, name a queue and `preferredUserIds`. Not allowed on the last one */
      overflowAfterSeconds?: number
    }
    QueueTarget: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      type: 'queue'
      /** @description The queue */
      queueId: string
      /** @description Skills, all of which the agent must have */
      skillIds?: string[]
      /** @description Language the agent must speak */
      languageId?: string
      openHours?: components['schemas']['OpenHours']
      /** @description Passed over if the platform's estimated wait is longer; taken if the platform has no estimate */
      maxWaitSeconds?: number
      /** @description Agents to whom the queue offers the call first while it waits, the most wanted one first. If another agent is idle as the call arrives, that agent usually gets it. For a firm preference use `decide`, and let the Transfer to ACD of the flow set the preferred agents; or name the agent as the target and the queue as a fallback */
      preferredUserIds?: string[]
      /** @description If nobody has picked up after this many seconds, the call moves on to the next fallback that can take it. Not allowed on the last one */
      overflowAfterSeconds?: number
    }
    /** @description Either skillId or skillIds */
    SkillTarget: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      type: 'skill'
      /** @description The skill */
      skillId?: string
      /** @description Skills, all of which the agent must have */
      skillIds?: string[]
      /** @description Queue to wait in; absent: DEFAULT_QUEUE_ID */
      queueId?: string
      openHours?: components['schemas']['OpenHours']
      /** @description Passed over if the platform's estimated wait is longer; taken if the platform has no estimate */
      maxWaitSeconds?: number
      /** @description Agents to whom the queue offers the call first while it waits, the most wanted one first. If another agent is idle as the call arrives, that agent usually gets it. For a firm preference use `decide`, and let the Transfer to ACD of the flow set the preferred agents; or name the agent as the target and the queue as a fallback */
      preferredUserIds?: string[]
      /** @description If nobody has picked up after this many seconds, the call moves on to the next fallback that can take it. Not allowed on the last one */
      overflowAfterSeconds?: number
    }
    ReturnedNumberTarget: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      type: 'number'
      /** @description In E.164 form; "erased" once personal data was erased */
      address: string
      openHours?: components['schemas']['OpenHours']
      /** @description No effect here: a call that rings at an agent or a number directly cannot be taken back, and stays. Then `warnings` in `considered` says so. For a call that should move on from an agent, name a queue and `preferredUserIds`. Not allowed on the last one */
      overflowAfterSeconds?: number
    }
    ReturnedCallbackTarget: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      type: 'callback'
      /** @description Queue whose agents call back; absent: the last queue before it, else DEFAULT_QUEUE_ID */
      queueId?: string
      /** @description Skills, all of which the agent must have */
      skillIds?: string[]
      /** @description In E.164 form; "erased" once personal data was erased */
      callbackNumber?: string
      /**
       * Format: date-time
       * @description When to call back; absent: as soon as possible. A time more than a minute in the past is refused; one that has passed when the callback is created means as soon as possible
       */
      scheduledAt?: string
      openHours?: components['schemas']['OpenHours']
    }
    ReturnedTarget:
      | components['schemas']['AgentTarget']
      | components['schemas']['QueueTarget']
      | components['schemas']['SkillTarget']
      | components['schemas']['ReturnedNumberTarget']
      | components['schemas']['ReturnedCallbackTarget']
    /** @enum {string} */
    TargetType: 'agent' | 'queue' | 'skill' | 'number' | 'callback'
    ResolvedTarget: {
      /** @description What kind of target it is */
      type: components['schemas']['TargetType']
      /** @description The queue in which the call waits, or whose agents call back */
      queueId: string | null
      /** @description The agent that the call rings */
      userId: string | null
      /** @description Skills that the agent must have */
      skillIds: string[]
      /** @description Language that the agent must speak */
      languageId: string | null
      /** @description The number that the call goes to, or that is called back, in E.164 form; "erased" once personal data was erased */
      address: string | null
      /** @description Priority of the call in the queue */
      priority: number
      /** @description Whether it is a fallback */
      usedFallback: boolean
      /** @description Agents to whom the queue is asked to offer the call first while it waits. After `decide` the flow sets them */
      preferredUserIds: string[]
      /** @description When a callback is due */
      scheduledAt: string | null
    }
    Considered: {
      /** @description The target or fallback, as an entry of transferPath */
      place: string
      /** @description Whether the call goes there */
      taken: boolean
      /**
       * @description Why it is passed over; null if it takes the call
       * @enum {string|null}
       */
      reason: 'closed' | 'wait_too_long' | 'not_available' | 'visited_before' | 'number_unknown' | null
      /** @description The reason in words */
      message: string | null
      /** @description When it opens, if it is closed and the time is known */
      opensAt: string | null
      /** @description The platform's estimated wait; null if it was not asked for, or the platform has none */
      estimatedWaitSeconds: number | null
      /** @description How old the data was on which this is based */
      readAgesMs: {
        /** @description Age of the opening hours, ms; null if nothing was read */
        openHours: number | null
        /** @description Age of the estimated wait, ms; null if nothing was read */
        estimatedWait: number | null
        /** @description Age of the availability data, ms; null if nothing was read */
        availability: number | null
      }
      /** @description Conditions that could not be checked, and so count as met, and fields that have no effect here */
      warnings: string[]
    }
    Hop: {
      /** @description Number of this hop, starting at 1 */
      number: number
      resolvedTarget: components['schemas']['ResolvedTarget']
      /**
       * Format: date-time
       * @description When the platform accepted it; null while that is not known
       */
      initiatedAt: string | null
      /**
       * Format: date-time
       * @description When the call was picked up or moved on, or the transfer ended; null: the call is there now
       */
      endedAt: string | null
      /**
       * @description overflowed: nobody picked up in time, and the call moved on
       * @enum {string|null}
       */
      outcome: 'overflowed' | 'picked_up' | 'timeout' | 'abandoned' | 'failed' | 'superseded' | null
    }
    NumberTarget: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      type: 'number'
      /** @description The number to dial: a number with its country code, such as +49301234567 or +1 (317) 555-0123; kept and returned in E.164 form */
      address: string
      openHours?: components['schemas']['OpenHours']
      /** @description No effect here: a call that rings at an agent or a number directly cannot be taken back, and stays. Then `warnings` in `considered` says so. For a call that should move on from an agent, name a queue and `preferredUserIds`. Not allowed on the last one */
      overflowAfterSeconds?: number
    }
    /** @description The caller is called back, and the call stays where it is. As a fallback, it must be the last one */
    CallbackTarget: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      type: 'callback'
      /** @description Queue whose agents call back; absent: the last queue before it, else DEFAULT_QUEUE_ID */
      queueId?: string
      /** @description Skills, all of which the agent must have */
      skillIds?: string[]
      /** @description The number to call back: a number with its country code, such as +49301234567 or +1 (317) 555-0123; absent: the number of the caller. Another number must fit ALLOWED_NUMBERS */
      callbackNumber?: string
      /**
       * Format: date-time
       * @description When to call back; absent: as soon as possible. A time more than a minute in the past is refused; one that has passed when the callback is created means as soon as possible
       */
      scheduledAt?: string
      openHours?: components['schemas']['OpenHours']
    }
    Target:
      | components['schemas']['AgentTarget']
      | components['schemas']['QueueTarget']
      | components['schemas']['SkillTarget']
      | components['schemas']['NumberTarget']
      | components['schemas']['CallbackTarget']
    /** @enum {string} */
    Mode: 'execute' | 'decide' | 'dryRun'
    /** @enum {string} */
    BulkTransferState: 'running' | 'paused' | 'done' | 'cancelled'
    /** @description How many calls are in each state */
    BulkTransferCounts: {
      pending: number
      moving: number
      moved: number
      left: number
      refused: number
      unknown: number
      cancelled: number
    }
    /** @enum {string} */
    BulkCallState: 'pending' | 'moving' | 'moved' | 'left' | 'refused' | 'unknown' | 'cancelled'
    BulkCall: {
      /** @description Its place in the order in which the calls are moved, starting at 1 */
      position: number
      conversationId: string
      /**
       * Format: date-time
       * @description Since when it waits in the queue
       */
      waitingSince: string
      /** @description The priority that it gets: the one it had, and a point for each whole minute that it has waited */
      priority: number
      /** @description Why it is in this state, if that needs a reason */
      code: components['schemas']['Code'] | null
      /** @description The reason in words, for people */
      message: string | null
      /** @description What has become of the call */
      state: components['schemas']['BulkCallState']
      /** @description The transfer that moves it */
      transferId: string | null
      /**
       * @description The state of that transfer now
       * @enum {string|null}
       */
      transferState:
        | 'accepted'
        | 'executing'
        | 'decided'
        | 'initiated'
        | 'picked_up'
        | 'timeout'
        | 'abandoned'
        | 'failed'
        | 'superseded'
        | 'callback_created'
        | 'rejected'
        | 'indeterminate'
        | null
    }
    BulkDryRunCall: {
      /** @description Its place in the order in which the calls are moved, starting at 1 */
      position: number
      conversationId: string
      /**
       * Format: date-time
       * @description Since when it waits in the queue
       */
      waitingSince: string
      /** @description The priority that it gets: the one it had, and a point for each whole minute that it has waited */
      priority: number
      /** @description Why it is in this state, if that needs a reason */
      code: components['schemas']['Code'] | null
      /** @description The reason in words, for people */
      message: string | null
      wouldMove: boolean
      resolvedTarget: components['schemas']['ResolvedTarget'] | null
    }
    Liveness: {
      /**
       * @constant
       * @enum {string}
       */
      status: 'alive'
      /** @description Transfers that are watched for their pickup or outcome */
      watching: number
    }
    Readiness: {
      /** @enum {string} */
      status: 'ready' | 'not_ready' | 'stopping'
      /** @enum {string} */
      ledger: 'ready' | 'not available'
      /** @enum {string} */
      platform: 'ready' | 'not available'
      /** @description What is not available, and what to do; the details are in the log of the service */
      reasons?: string[]
    }
    Version: {
      /** @description The version of Handoff */
      version: string
      /** @description The version of Node.js that runs it */
      nodeVersion: string
    }
    TokenRequest: {
      /**
       * @description client_credentials
       * @example client_credentials
       */
      grant_type?: string
      /**
       * @description The middle part of `hk_<id>_<secret>`; or in Authorization: Basic
       * @example 0a1b2c3d4e5f
       */
      client_id?: string
      /**
       * @description The whole key; or in Authorization: Basic
       * @example hk_0a1b2c3d4e5f_the-secret-part-of-your-own-key
       */
      client_secret?: string
      /**
       * @description Ignored: a token has the scopes of its key
       * @example transfers:write transfers:read
       */
      scope?: string
    }
    Token: {
      /** @description To be sent as Authorization: Bearer */
      access_token: string
      /**
       * @constant
       * @enum {string}
       */
      token_type: 'Bearer'
      /** @description Seconds */
      expires_in: number
      /** @description The scopes of the key */
      scope: string
    }
    TransferPage: {
      transfers: components['schemas']['Transfer'][]
      /** @description The cursor of the next page; null: there is none */
      nextCursor: string | null
      /** @description With expand=names: the names of queues, skills and agents by their ids. A name that is not known yet is left out */
      names?: {
        [key: string]: string
      }
    }
    TransferWithNames: components['schemas']['Transfer'] & {
      /** @description With expand=names: the names of queues, skills and agents by their ids. A name that is not known yet is left out */
      names?: {
        [key: string]: string
      }
    }
    AuditEntryList: {
      entries: components['schemas']['AuditEntry'][]
    }
    Settlement: {
      /**
       * @description What has become of the call
       * @enum {string}
       */
      state: 'initiated' | 'callback_created' | 'rejected' | 'abandoned' | 'failed'
      /** @description Why, in the operator's words; what could be a phone number or an address is masked */
      reason: string
    }
    DeliveryStep: {
      /** @description The webhook-id: the same at every attempt */
      id: string
      /** @description Id of the endpoint that receives it */
      endpoint: string
      type: string
      /** @description Null: the delivery was queued */
      attempt: {
        /** Format: date-time */
        at: string
        status: number | null
        error: string | null
        durationMs: number
      } | null
    }
    TimelineItem: {
      /**
       * Format: date-time
       * @description When it happened
       */
      at: string
      /**
       * @description Which of the fields audit, hop and delivery is not null
       * @enum {string}
       */
      kind: 'audit' | 'hop' | 'delivery'
      /** @description The status of the audit entry; started or the outcome of a hop; queued or attempted of a delivery */
      status: string
      /** @description The audit entry */
      audit: components['schemas']['AuditEntry'] | null
      /** @description The hop that started or ended */
      hop: components['schemas']['Hop'] | null
      /** @description The webhook delivery that was queued or attempted */
      delivery: components['schemas']['DeliveryStep'] | null
    }
    Timeline: {
      /** @description The oldest first */
      items: components['schemas']['TimelineItem'][]
    }
    BulkTransferPage: {
      bulkTransfers: components['schemas']['ListedBulkTransfer'][]
      /** @description The cursor of the next page; null: there is none */
      nextCursor: string | null
      /** @description With expand=names: the names of queues, skills and agents by their ids. A name that is not known yet is left out */
      names?: {
        [key: string]: string
      }
    }
    BulkTransferWithNames: components['schemas']['BulkTransfer'] & {
      /** @description With expand=names: the names of queues, skills and agents by their ids. A name that is not known yet is left out */
      names?: {
        [key: string]: string
      }
    }
    DeliveryPage: {
      deliveries: components['schemas']['Delivery'][]
      /** @description The cursor of the next page; null: there is none */
      nextCursor: string | null
    }
    TransferEventData: {
      /** @description The conversation whose call is transferred */
      conversationId: string
      /** @description The id of the transfer, for GET /v1/transfers/{id} */
      actionId: string
      /** @description How far the transfer is, or how it ended */
      state: components['schemas']['TransferState']
      /** @description Why the transfer is in this state; null if the state needs no reason */
      code: components['schemas']['Code'] | null
      /** @description The reason in words, for people; null if the state needs no reason */
      message: string | null
      /**
       * @description Whether Handoff moves the call (execute), or the flow does (decide)
       * @enum {string}
       */
      mode: 'execute' | 'decide'
      /** @description The kind of target that the call goes to; of the requested target if none was chosen */
      targetType: components['schemas']['TargetType']
      /** @description The first of targetSkillIds; null if there is none */
      targetSkillId: string | null
      /** @description The skills that the agent must have */
      targetSkillIds: string[]
      /** @description The queue that the call goes to; null if it goes to an agent or a number, or no target was chosen */
      targetQueueId: string | null
      /** @description The agent that the call goes to; null unless an agent is the target */
      targetUserId: string | null
      /** @description Whether the call goes to a fallback */
      usedFallback: boolean
      /** @description Number of the place that the call was moved to, starting at 1; it grows with overflow */
      hop: number
      /** @description The priority that was requested, or 0 */
      priority: number
      /** @description Number of this transfer among the transfers of its conversation, starting at 1 */
      transferDepth: number
      /** @description Targets that the conversation was at, in order; phone numbers as keyed hashes; elsewhere: a place that the key may not see */
      transferPath: string[]
      /** @description From the request until the platform accepted, ms */
      latencyMs: number | null
      /**
       * Format: date-time
       * @description When the call was picked up, by the platform's clock
       */
      pickupTime: string | null
      /** @description From the acceptance of the first hop by the platform until the pickup, ms */
      pickupMs: number | null
      /** @description The agent who picked up; null also if it was the number to which the calls of the agent are forwarded */
      agentUserId: string | null
      /** @description The conversation that has the callback; null unless one was created, or if that is not known */
      callbackConversationId: string | null
      /** @description Offers that were declined or not answered */
      bounces: number
      /** @description Id of the API key that requested the transfer */
      requestedBy: string
      /** @description The platform's inin-correlation-id of each command */
      correlationIds: string[]
      /**
       * Format: date-time
       * @description When the transfer reached this state; the same as the timestamp of the event
       */
      timestamp: string
      /** @description The summary of the request; only with CRM_WEBHOOK_INCLUDE_SUMMARY=on */
      summary?: string | null
      /** @description The reason of the request; only with CRM_WEBHOOK_INCLUDE_SUMMARY=on */
      reason?: string | null
    }
    TransferInitiatedEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'transfer.initiated'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: components['schemas']['TransferEventData']
    }
    TransferPickedUpEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'transfer.picked_up'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: components['schemas']['TransferEventData']
    }
    TransferCallbackCreatedEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'transfer.callback_created'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: components['schemas']['TransferEventData']
    }
    TransferFailedEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'transfer.failed'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: components['schemas']['TransferEventData']
    }
    TransferTimeoutEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'transfer.timeout'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: components['schemas']['TransferEventData']
    }
    TransferAbandonedEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'transfer.abandoned'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: components['schemas']['TransferEventData']
    }
    TransferRejectedEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'transfer.rejected'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: components['schemas']['TransferEventData']
    }
    TransferIndeterminateEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'transfer.indeterminate'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: components['schemas']['TransferEventData']
    }
    TransferSupersededEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'transfer.superseded'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: components['schemas']['TransferEventData']
    }
    TransferOverflowedEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'transfer.overflowed'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: components['schemas']['TransferEventData']
    }
    WebhookTestEvent: {
      /**
       * @description What has happened (enum property replaced by openapi-typescript)
       * @enum {string}
       */
      type: 'webhook.test'
      /**
       * Format: date-time
       * @description When it happened
       */
      timestamp: string
      data: {
        /** @description That this is a test */
        message: string
      }
    }
    /** @description The body of a webhook */
    WebhookEvent:
      | components['schemas']['TransferInitiatedEvent']
      | components['schemas']['TransferPickedUpEvent']
      | components['schemas']['TransferCallbackCreatedEvent']
      | components['schemas']['TransferFailedEvent']
      | components['schemas']['TransferTimeoutEvent']
      | components['schemas']['TransferAbandonedEvent']
      | components['schemas']['TransferRejectedEvent']
      | components['schemas']['TransferIndeterminateEvent']
      | components['schemas']['TransferSupersededEvent']
      | components['schemas']['TransferOverflowedEvent']
      | components['schemas']['WebhookTestEvent']
    DeliveryWithEvent: components['schemas']['Delivery'] & {
      /** @description The bytes that are signed and sent, except that places which the key may not see are called elsewhere */
      body: string
    }
    RedeliveryRequest: {
      /**
       * Format: date-time
       * @description Created from this time on, ISO 8601
       */
      since: string
      /**
       * Format: date-time
       * @description Created before this time, ISO 8601
       */
      until?: string
      states?: ('pending' | 'delivered' | 'exhausted' | 'refused')[]
      transferId?: string
      conversationId?: string
      /** @description GET /v1/webhook-endpoints lists them */
      endpoint?: string
      /** @description Such as transfer.picked_up */
      type?: string
    }
    RedeliveryResult: {
      /** @description How many deliveries */
      queued: number
    }
    WebhookEndpoint: {
      /** @description Derived from the endpoint's URL */
      id: string
      /** @description Scheme, host and port; null: it is no longer configured, and its deliveries are pending */
      origin: string | null
      /** @description The event types that it receives; * means all; empty if it is no longer configured */
      events: string[]
      /** @description Since when every attempt has failed */
      failingSince: string | null
      /** @description How many attempts in a row have failed */
      failures: number
      /** @description Since when only probes are sent to it */
      pausedAt: string | null
      /** @description When the next probe is sent */
      nextProbeAt: string | null
      /** @description Number of pending deliveries */
      pending: number
      /** @description When the oldest of them was created */
      oldestPendingAt: string | null
    }
    WebhookEndpointList: {
      endpoints: components['schemas']['WebhookEndpoint'][]
    }
    WebhookTestResult: {
      /** @description The webhook-id of the test event */
      id: string
      /** @description Whether the answer was a 2xx */
      delivered: boolean
      /** @description The status of the answer; null: there was none */
      status: number | null
      /** @description Why there was none */
      error: string | null
      /** @description How long it took, ms */
      durationMs: number
    }
  }
  responses: never
  parameters: {
    /**
     * @description The same for all attempts: remember it to recognize an event that comes twice
     * @example evt_019a0000-0000-7000-8000-000000000001
     */
    'webhook-id': string
    /**
     * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
     * @example 1795167000
     */
    'webhook-timestamp': string
    /**
     * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
     * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
     */
    'webhook-signature': string
    /**
     * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
     * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
     */
    'x-transfer-signature': string
    /**
     * @description W3C trace context of the request for the transfer
     * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
     */
    traceparent: string
  }
  requestBodies: never
  headers: {
    /** @description Seconds after which the same request may be sent again */
    'Retry-After': number
    /** @description How a caller can authenticate */
    'WWW-Authenticate': string
  }
  pathItems: never
}
export type $defs = Record<string, never>
export interface operations {
  health: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Alive */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Liveness']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  ready: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Ready */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Readiness']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description Not ready */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Readiness']
        }
      }
    }
  }
  version: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The version */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Version']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  metrics: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All metrics of this node */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/plain': string
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  issueToken: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/x-www-form-urlencoded': components['schemas']['TokenRequest']
        'application/json': components['schemas']['TokenRequest']
      }
    }
    responses: {
      /** @description A token */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Token']
        }
      }
      /** @description The request is not valid, or asks for another grant */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenError']
        }
      }
      /** @description The key is unknown or revoked, or the client id is not its id */
      401: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenError']
        }
      }
      /** @description The body is too large */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenError']
        }
      }
      /** @description The body is neither a form nor JSON */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenError']
        }
      }
      /** @description Too many requests from this caller */
      429: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenError']
        }
      }
      /** @description Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenError']
        }
      }
      /** @description Keys cannot be looked up now, or the service is stopping */
      503: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenError']
        }
      }
    }
  }
  listTransfers: {
    parameters: {
      query?: {
        /** @description Only transfers of this conversation */
        conversationId?: string
        /** @description Only transfers in one of these states, such as executing,initiated */
        state?: components['schemas']['TransferState'][]
        /** @description Only transfers to this queue: the queue that was chosen, else the one that was asked for. Transfers that version 0.1.0 has stored are not found */
        queueId?: string
        /** @description Only transfers with this code */
        code?: components['schemas']['Code']
        /** @description Only transfers that this API key has requested. Transfers that version 0.1.0 has stored are not found */
        requestedBy?: string
        /** @description Only transfers that were requested with this reason */
        reason?: string
        /** @description names: also answer the names of queues, skills and agents, as far as they are known */
        expand?: 'names'[]
        /** @description From this time on, ISO 8601 */
        since?: string
        /** @description Before this time, ISO 8601 */
        until?: string
        /** @description Entries on a page */
        limit?: number
        /** @description nextCursor of the previous page */
        cursor?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description A page */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TransferPage']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  requestTransfer: {
    parameters: {
      query?: never
      header?: {
        /** @description 1 to 255 visible ASCII characters; kept for at least 72 h */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferRequest']
      }
    }
    responses: {
      /** @description dryRun: what would be done */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['DryRun']
        }
      }
      /** @description Accepted by the platform (execute) or decided (decide) */
      202: {
        headers: {
          /** @description The transfer */
          Location?: string
          /** @description true: this is the response to an earlier request */
          'Idempotent-Replayed'?: string
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Transfer']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `CONVERSATION_NOT_FOUND`: No such conversation */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `IDEMPOTENCY_KEY_IN_USE`: A request with this idempotency key is still running
       *
       *     `CONVERSATION_ENDED`: The conversation has ended
       *
       *     `CONVERSATION_NOT_TRANSFERABLE`: The conversation cannot be transferred now
       *
       *     `TRANSFER_IN_PROGRESS`: Another transfer of this conversation is in progress
       *
       *     `GENESYS_CONFLICT`: The conversation changed while it was being transferred
       */
      409: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `IDEMPOTENCY_KEY_REUSED`: This idempotency key was used for another request
       *
       *     `DEPTH_LIMIT_REACHED`: The conversation was transferred too often
       *
       *     `LOOP_DETECTED`: The conversation was at this target before
       *
       *     `TARGET_NOT_FOUND`: No such target
       *
       *     `TARGET_INACTIVE`: The target is not active
       *
       *     `TARGET_NOT_ALLOWED`: The target is not allowed
       *
       *     `QUEUE_CLOSED`: The target and its fallbacks are closed
       *
       *     `NO_AGENT_AVAILABLE`: No agent is available at the target or its fallbacks
       */
      422: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `OUTCOME_UNKNOWN`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `GENESYS_REJECTED`: The platform refused
       *
       *     `PERMISSION_MISSING`: The platform client's role lacks a permission
       *
       *     `GENESYS_AUTH_FAILED`: The platform did not accept the credentials of this service
       */
      502: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `RATE_LIMITED`: The platform's rate limit leaves no room before the deadline
       *
       *     `GENESYS_UNAVAILABLE`: The platform does not answer
       *
       *     `EXPIRED`: The deadline passed before the platform was asked; nothing was done
       *
       *     `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `OUTCOME_UNKNOWN`: It is not known yet what the platform did */
      504: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  getTransfer: {
    parameters: {
      query?: {
        /** @description names: also answer the names of queues, skills and agents, as far as they are known */
        expand?: 'names'[]
      }
      header?: never
      path: {
        /**
         * @description The transfer
         * @example 019a0000-0000-7000-8000-000000000001
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The transfer */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TransferWithNames']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  changeTransfer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The transfer
         * @example 019a0000-0000-7000-8000-000000000001
         */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferChange']
      }
    }
    responses: {
      /** @description The transfer as it is to be: `resolvedTarget` has the change, and `priority` stays the one that was requested */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Transfer']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `STATE_CONFLICT`: The resource is not in a state that allows this
       *
       *     `GENESYS_CONFLICT`: The conversation changed while it was being transferred
       */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `TARGET_NOT_FOUND`: No such target
       *
       *     `TARGET_INACTIVE`: The target is not active
       */
      422: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `GENESYS_REJECTED`: The platform refused
       *
       *     `PERMISSION_MISSING`: The platform client's role lacks a permission
       *
       *     `GENESYS_AUTH_FAILED`: The platform did not accept the credentials of this service
       */
      502: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `RATE_LIMITED`: The platform's rate limit leaves no room before the deadline
       *
       *     `GENESYS_UNAVAILABLE`: The platform does not answer
       *
       *     `EXPIRED`: The deadline passed before the platform was asked; nothing was done
       *
       *     `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  auditOfTransfer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The transfer
         * @example 019a0000-0000-7000-8000-000000000001
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Its entries */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AuditEntryList']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  settleTransfer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The transfer
         * @example 019a0000-0000-7000-8000-000000000001
         */
        id: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Settlement']
      }
    }
    responses: {
      /** @description The settled transfer */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Transfer']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `STATE_CONFLICT`: The resource is not in a state that allows this */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  requestArchitectTransfer: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ArchitectRequest']
      }
    }
    responses: {
      /** @description The answer, even if it is a refusal */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ArchitectAnswer']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `OUTCOME_UNKNOWN`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  getArchitectTransfer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The transfer
         * @example 019a0000-0000-7000-8000-000000000001
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer, even if it is a refusal */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ArchitectAnswer']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  summariseTransfers: {
    parameters: {
      query?: {
        /** @description From this time on, ISO 8601 */
        since?: string
        /** @description Before this time, ISO 8601 */
        until?: string
        /** @description queue: the queue that was chosen, else the one that was asked for; caller: the API key that requested the transfer */
        groupBy?: 'queue' | 'reason' | 'code' | 'caller'
        /** @description names: also answer the names of queues, skills and agents, as far as they are known */
        expand?: 'names'[]
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The counts */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': {
            /** Format: date-time */
            since: string
            /** Format: date-time */
            until: string
            total: number
            byState: {
              [key: string]: number
            }
            byCode: {
              [key: string]: number
            }
            /** @description Transfers that were picked up, as a share of those that ended after the platform had accepted them */
            pickupRate: number | null
            latencyMs: {
              count: number
              p50: number | null
              p95: number | null
              p99: number | null
            }
            pickupMs: {
              count: number
              p50: number | null
              p95: number | null
              p99: number | null
            }
            /**
             * @description As requested
             * @enum {string}
             */
            groupBy?: 'queue' | 'reason' | 'code' | 'caller'
            /** @description With groupBy: the counts for each value, the largest group first, at most 100 groups */
            groups?: {
              /** @description Null: the transfers have none */
              value: string | null
              total: number
              byState: {
                [key: string]: number
              }
              byCode: {
                [key: string]: number
              }
              /** @description Transfers that were picked up, as a share of those that ended after the platform had accepted them */
              pickupRate: number | null
            }[]
            /** @description With expand=names: the names of queues, skills and agents by their ids. A name that is not known yet is left out */
            names?: {
              [key: string]: string
            }
          }
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  timelineOfTransfer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The transfer
         * @example 019a0000-0000-7000-8000-000000000001
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The timeline */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Timeline']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  streamTransfers: {
    parameters: {
      query?: {
        /** @description names: also answer the names of queues, skills and agents, as far as they are known */
        expand?: 'names'[]
      }
      header?: {
        /** @description The id of the last event that was received */
        'Last-Event-ID'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Events */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': string
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  listBulkTransfers: {
    parameters: {
      query?: {
        /** @description Only bulk transfers in one of these states, such as running,paused */
        state?: components['schemas']['BulkTransferState'][]
        /** @description names: also answer the names of queues, skills and agents, as far as they are known */
        expand?: 'names'[]
        /** @description Entries on a page */
        limit?: number
        /** @description nextCursor of the previous page */
        cursor?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description A page */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['BulkTransferPage']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  requestBulkTransfer: {
    parameters: {
      query?: never
      header?: {
        /** @description 1 to 255 visible ASCII characters. A repeat with the same key and body gets the same bulk transfer, as it is then */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['BulkTransferRequest']
      }
    }
    responses: {
      /** @description dryRun: what would happen to each call */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['BulkDryRun']
        }
      }
      /** @description The calls are being moved */
      202: {
        headers: {
          /** @description The bulk transfer */
          Location?: string
          /** @description true: an earlier request has made this bulk transfer */
          'Idempotent-Replayed'?: string
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['BulkTransfer']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `GENESYS_CONFLICT`: The conversation changed while it was being transferred */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `TARGET_NOT_FOUND`: No such target
       *
       *     `TARGET_NOT_ALLOWED`: The target is not allowed
       *
       *     `IDEMPOTENCY_KEY_REUSED`: This idempotency key was used for another request
       */
      422: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `OUTCOME_UNKNOWN`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `GENESYS_REJECTED`: The platform refused
       *
       *     `PERMISSION_MISSING`: The platform client's role lacks a permission
       *
       *     `GENESYS_AUTH_FAILED`: The platform did not accept the credentials of this service
       */
      502: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `RATE_LIMITED`: The platform's rate limit leaves no room before the deadline
       *
       *     `GENESYS_UNAVAILABLE`: The platform does not answer
       *
       *     `EXPIRED`: The deadline passed before the platform was asked; nothing was done
       *
       *     `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  getBulkTransfer: {
    parameters: {
      query?: {
        /** @description names: also answer the names of queues, skills and agents, as far as they are known */
        expand?: 'names'[]
      }
      header?: never
      path: {
        /**
         * @description The bulk transfer
         * @example 019a0000-0000-7000-8000-00000000000b
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The bulk transfer */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['BulkTransferWithNames']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  pauseBulkTransfer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The bulk transfer
         * @example 019a0000-0000-7000-8000-00000000000b
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The bulk transfer now */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['BulkTransfer']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `STATE_CONFLICT`: The resource is not in a state that allows this */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  resumeBulkTransfer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The bulk transfer
         * @example 019a0000-0000-7000-8000-00000000000b
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The bulk transfer now */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['BulkTransfer']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `STATE_CONFLICT`: The resource is not in a state that allows this */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  cancelBulkTransfer: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The bulk transfer
         * @example 019a0000-0000-7000-8000-00000000000b
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The bulk transfer now */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['BulkTransfer']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `STATE_CONFLICT`: The resource is not in a state that allows this */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  listWebhookDeliveries: {
    parameters: {
      query?: {
        state?: 'pending' | 'delivered' | 'exhausted' | 'refused'
        transferId?: string
        conversationId?: string
        /** @description GET /v1/webhook-endpoints lists them */
        endpoint?: string
        /** @description Such as transfer.picked_up */
        type?: string
        /** @description From this time on, ISO 8601 */
        since?: string
        /** @description Before this time, ISO 8601 */
        until?: string
        /** @description Entries on a page */
        limit?: number
        /** @description nextCursor of the previous page */
        cursor?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description A page */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['DeliveryPage']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  getWebhookDelivery: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The webhook-id
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The delivery */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['DeliveryWithEvent']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  redeliverWebhook: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The webhook-id
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Queued again */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Delivery']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `STATE_CONFLICT`: The resource is not in a state that allows this */
      409: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  redeliverWebhooks: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['RedeliveryRequest']
      }
    }
    responses: {
      /** @description Queued again */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RedeliveryResult']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  listWebhookEndpoints: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All endpoints */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['WebhookEndpointList']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  testWebhookEndpoint: {
    parameters: {
      query?: never
      header?: never
      path: {
        /**
         * @description The endpoint
         * @example ep_000000000000
         */
        id: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The result */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['WebhookTestResult']
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `NOT_FOUND`: There is no such resource */
      404: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body is larger than 64 KiB */
      413: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The address is too long */
      414: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INVALID_REQUEST`: The body must be application/json */
      415: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  exportAudit: {
    parameters: {
      query?: {
        /** @description From this time on, ISO 8601 */
        since?: string
        /** @description Before this time, ISO 8601 */
        until?: string
        /** @description Only entries about this conversation */
        conversationId?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Newline-delimited JSON */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/x-ndjson': string
        }
      }
      /** @description `INVALID_REQUEST`: The request is not valid */
      400: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `UNAUTHENTICATED`: No valid key */
      401: {
        headers: {
          'WWW-Authenticate': components['headers']['WWW-Authenticate']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `FORBIDDEN`: This is not allowed */
      403: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `TOO_MANY_REQUESTS`: Too many requests from this caller */
      429: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /** @description `INTERNAL_ERROR`: Something went wrong in Handoff itself */
      500: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
      /**
       * @description `OVERLOADED`: There are more requests than can be answered in time
       *
       *     `STORE_UNAVAILABLE`: The ledger cannot be written
       */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After']
          [name: string]: unknown
        }
        content: {
          'application/problem+json': components['schemas']['Problem']
        }
      }
    }
  }
  onTransferInitiated: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferInitiatedEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  onTransferPickedUp: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferPickedUpEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  onTransferCallbackCreated: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferCallbackCreatedEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  onTransferFailed: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferFailedEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  onTransferTimeout: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferTimeoutEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  onTransferAbandoned: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferAbandonedEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  onTransferRejected: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferRejectedEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  onTransferIndeterminate: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferIndeterminateEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  onTransferSuperseded: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferSupersededEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  onTransferOverflowed: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TransferOverflowedEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  onWebhookTest: {
    parameters: {
      query?: never
      header: {
        /**
         * @description The same for all attempts: remember it to recognize an event that comes twice
         * @example evt_019a0000-0000-7000-8000-000000000001
         */
        'webhook-id': components['parameters']['webhook-id']
        /**
         * @description Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes
         * @example 1795167000
         */
        'webhook-timestamp': components['parameters']['webhook-timestamp']
        /**
         * @description Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces
         * @example v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
         */
        'webhook-signature': components['parameters']['webhook-signature']
        /**
         * @description `sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only
         * @example sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9
         */
        'x-transfer-signature': components['parameters']['x-transfer-signature']
        /**
         * @description W3C trace context of the request for the transfer
         * @example 00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01
         */
        traceparent?: components['parameters']['traceparent']
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['WebhookTestEvent']
      }
    }
    responses: {
      /** @description Delivered, and so is any other 2xx. The body is not read */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Gone: this event is not sent again */
      410: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Too many: it is sent again, after `Retry-After` if that is later than the schedule */
      429: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      /** @description Not now: it is sent again, as after every other answer, a redirect included, and after no answer */
      503: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
}
