/** Which fields are read from the body of an error response of the platform. */
import { asObject, asText, parseObject } from '../../model/json-fields.ts'
import { redactText } from './redact.ts'

/** From an `ErrorBody` of the platform (docs/genesys-cloud.md rule 70) or an OAuth error; redacted. */
export interface ErrorBody {
  platformCode?: string
  missingPermissions?: string[]
  /** From "Retry the request in [N] seconds". */
  retryAfterMs?: number
  /** The limit that a 429 names, such as `client.credentials.token.rate.per.minute` (docs/genesys-cloud.md rule 99). */
  limitKey?: string
}

const identifier = /^[\w.-]{1,120}$/
const permission = /\b[a-z]\w*:[a-z]\w*:(?:[a-z][\w.]*|\*)/gi
const retryHint = /retry the request in \[?(\d{1,6})\]? seconds/i
const maximumBodyLength = 65_536
const maximumPermissions = 20

/** Reads any text: HTML, an empty body and truncated JSON give an empty result. The result contains none of `secrets`. */
export function readErrorBody(text: string, secrets: readonly string[] = []): ErrorBody {
  const body = text.length > maximumBodyLength ? undefined : parseObject(text)
  if (!body) return {}
  const code = asText(body['code']) ?? asText(body['error'])
  const message = asText(body['message']) ?? asText(body['error_description']) ?? asText(body['description'])
  // The permissions may stand in the message, its parameters or the details, so the whole text is searched.
  const permissions = [...new Set(text.match(permission) ?? [])]
  const limitKey = asText(asObject(body['limit'])?.['key'])
  const seconds = retryHint.exec(message ?? '')?.[1]
  return {
    ...(code && identifier.test(code) && { platformCode: redactText(code, secrets) }),
    ...(permissions.length > 0 && { missingPermissions: permissions.slice(0, maximumPermissions) }),
    ...(seconds && { retryAfterMs: Number(seconds) * 1000 }),
    ...(limitKey && identifier.test(limitKey) && { limitKey: redactText(limitKey, secrets) }),
  }
}
