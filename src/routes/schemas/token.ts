/** The schemas of the token endpoint: its request, its response and its errors (RFC 6749 §4.4, §5.1, §5.2). */
import { Type } from '../../model/json-schema.ts'

export const TokenRequestSchema = Type.Object(
  {
    grant_type: Type.Optional(Type.String({ description: 'client_credentials', examples: ['client_credentials'] })),
    client_id: Type.Optional(
      Type.String({ description: 'The middle part of `hk_<id>_<secret>`; or in Authorization: Basic', examples: ['0a1b2c3d4e5f'] }),
    ),
    client_secret: Type.Optional(
      Type.String({
        description: 'The whole key; or in Authorization: Basic',
        examples: ['hk_0a1b2c3d4e5f_the-secret-part-of-your-own-key'],
      }),
    ),
    scope: Type.Optional(
      Type.String({ description: 'Ignored: a token has the scopes of its key', examples: ['transfers:write transfers:read'] }),
    ),
  },
  { title: 'TokenRequest' },
)

export const TokenSchema = Type.Object(
  {
    access_token: Type.String({ description: 'To be sent as Authorization: Bearer' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds' }),
    scope: Type.String({ description: 'The scopes of the key' }),
  },
  { title: 'Token' },
)

export const TokenErrorSchema = Type.Object(
  {
    error: Type.Enum(['invalid_request', 'invalid_client', 'unsupported_grant_type', 'temporarily_unavailable', 'server_error'], {
      type: 'string',
    }),
    error_description: Type.String({ description: 'What is wrong, in words' }),
  },
  { $id: 'TokenError', description: 'An error of the token endpoint (RFC 6749 §5.2)' },
)
