/** How the official SDK is loaded: only its typed API classes, with our own HTTP client, and without its configuration file. */
import { registerHooks, type ResolveHookSync } from 'node:module'
import type { SdkResponse } from './http/classify-result.ts'
import type { SdkRequest } from './http/prepare-request.ts'

export type Sdk = Awaited<ReturnType<typeof loadSdk>>

const noLogger = { log() {} }

/**
 * Loads the SDK's API classes, which send their requests through `request` (docs/decisions/0003-sdk-behind-own-http-client.md).
 *
 * Only the modules that we use are loaded: 20 ms and 3 MB, against 180 ms and 30 MB for the bundle of the package. The ApiClient is
 * created without its constructor, which looks for a home directory (and throws if there is none), reads
 * `~/.genesyscloudjavascript/config` and watches that file: anyone who can write to it could redirect the tokens or have request bodies
 * logged (docs/genesys-cloud.md rule 77). Only the properties that `callApi` needs are set here: no path of a configuration file, no
 * logger, and no token, because our HTTP client adds the token last.
 */
export async function loadSdk({ apiUrl, request }: { apiUrl: string; request: (request: SdkRequest) => Promise<SdkResponse> }) {
  const [ApiClient, AbstractHttpClient, Architect, Conversations, Routing, Users] = await importModules()

  class HttpClient extends AbstractHttpClient {
    override request(options: SdkRequest) {
      return request(options)
    }
    override enableHooks() {}
  }
  const apiClient = Object.assign(Object.create(ApiClient.prototype) as InstanceType<typeof ApiClient>, {
    config: { basePath: apiUrl, getConfUrl: () => apiUrl, refresh_access_token: false, logger: noLogger },
    authentications: { 'PureCloud OAuth': { type: 'oauth2' } },
    authData: {},
    defaultHeaders: {},
    useLegacyParameterFilter: false,
    returnExtended: false,
  })
  apiClient.setHttpClient(new HttpClient())
  // The SDK's type of an ApiClient names more than `callApi` uses.
  const injected = apiClient as unknown as NonNullable<ConstructorParameters<typeof Conversations>[0]>
  return {
    architect: new Architect(injected),
    conversations: new Conversations(injected),
    routing: new Routing(injected),
    users: new Users(injected),
  }
}

/** The folder of the SDK's modules, as part of their URLs. */
const sdkFolder = '/purecloud-platform-client-v2/src/'

/** What an import resolves to while the SDK is loaded. */
const resolve: ResolveHookSync = (specifier, context, nextResolve) => {
  // The ApiClient imports Axios for the HTTP client that ours replaces: 100 ms and 25 MB.
  if (specifier === 'axios' && context.parentURL?.includes(sdkFolder))
    return { url: 'data:text/javascript,export default {}', format: 'module', shortCircuit: true }
  const resolved = nextResolve(specifier, context)
  // The package does not say that its modules are ES modules, and Node would parse each as CommonJS first.
  return resolved.url.includes(sdkFolder) ? { ...resolved, format: 'module' } : resolved
}

async function importModules(): Promise<SdkModules> {
  const hooks = registerHooks({ resolve })
  try {
    const modules = await Promise.all([
      import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/ApiClient.js'),
      import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/AbstractHttpClient.js'),
      import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/ArchitectApi.js'),
      import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/ConversationsApi.js'),
      import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/RoutingApi.js'),
      import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/UsersApi.js'),
    ])
    return modules.map((module) => module.default) as SdkModules
  } finally {
    hooks.deregister()
  }
}

/** The default exports of the modules above, in their order. */
type SdkModules = [
  typeof import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/ApiClient.js').default,
  typeof import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/AbstractHttpClient.js').default,
  typeof import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/ArchitectApi.js').default,
  typeof import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/ConversationsApi.js').default,
  typeof import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/RoutingApi.js').default,
  typeof import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/UsersApi.js').default,
]
