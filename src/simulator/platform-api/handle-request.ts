/** The steps of a request, in order: it is recorded, admitted, given a fault if one is pending, executed and answered. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { PlatformError } from '../model/platform-error.ts'
import type { PlatformResponse } from '../operations/operation.ts'
import type { SimulatorContext } from './context.ts'
import { createErrorBody } from './error-body.ts'
import type { FaultEffect } from './fault-effect.ts'
import { sendResponse } from './send-response.ts'

interface RequestSteps<Admitted> {
  /**
   * Checks what the platform checks before it executes anything, such as the token and the rate limits. Throws PlatformError if the request
   * is refused; no fault applies to such a request.
   */
  readonly admit: () => Admitted
  /** Throws PlatformError to refuse the request. */
  readonly execute: (admitted: Admitted) => PlatformResponse
}

/**
 * Handles one request: executes it as soon as it arrives, and answers it after `latencyMs`.
 *
 * @param name The name of the operation in faults and in the request log.
 */
export async function handleRequest<Admitted>(
  { platform, faults, requestLog }: SimulatorContext,
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
  { admit, execute }: RequestSteps<Admitted>,
): Promise<FastifyReply> {
  const entry = requestLog.record(name, request.url, platform.clock.now())
  const correlationId = randomUUID()
  void reply.header('inin-correlation-id', correlationId)
  let effect: FaultEffect | undefined
  // The status stays 200 if a fault prevents the execution and does not set a status itself.
  let response: PlatformResponse = { status: 200 }
  try {
    const admitted = admit()
    const { conversationId } = request.params as { conversationId?: string }
    effect = faults.take(name, conversationId, platform.conversations.get(conversationId ?? ''))
    if (effect?.isExecuted !== false) response = execute(admitted)
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    response = { status: error.status, body: createErrorBody(error, correlationId) }
  }
  const delayMs = platform.settings.latencyMs + (effect?.delayMs ?? 0)
  if (delayMs > 0) await sleep(delayMs)
  return sendResponse(reply, entry, response, effect)
}
