/** The schemas of the token endpoint: its request, its response and its errors (RFC 6749 §4.4, §5.1, §5.2). */
import { Type } from '../../model/json-schema.ts'

export const TokenRequestSchema = Type.Object({
  grant_type: Type.Optional(Type.String({ description: 'client_credentials' })),
  client_id: Type.Optional(Type.String({ description: 'The middle part of hk_<id>_<secret>; or in Authorization: Basic' })),
  client_secret: Type.Optional(Type.String({ description: 'The whole key; or in Authorization: Basic' })),
  scope: Type.Optional(Type.String({ description: 'Ignored: a token has the scopes of its key' })),
})

export const TokenSchema = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
  scope: Type.String({ description: 'The scopes of the key' }),
})

export const TokenErrorSchema = Type.Object(
  { error: Type.String(), error_description: Type.String() },
  { $id: 'TokenError', description: 'An error of the token endpoint (RFC 6749 §5.2)' },
)
