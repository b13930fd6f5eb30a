/** Types of the SDK's single modules, which it ships without any: only the parts that `sdk.ts` uses. */
declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/ApiClient.js' {
  export default class ApiClient {
    setHttpClient(client: object): void
  }
}
declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/AbstractHttpClient.js' {
  export default abstract class AbstractHttpClient {
    abstract request(options: object): Promise<unknown>
    abstract enableHooks(): void
  }
}
declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/ArchitectApi.js' {
  import type platformClient from 'purecloud-platform-client-v2'
  const api: typeof platformClient.ArchitectApi
  export default api
}
declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/ConversationsApi.js' {
  import type platformClient from 'purecloud-platform-client-v2'
  const api: typeof platformClient.ConversationsApi
  export default api
}
declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/RoutingApi.js' {
  import type platformClient from 'purecloud-platform-client-v2'
  const api: typeof platformClient.RoutingApi
  export default api
}
declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/UsersApi.js' {
  import type platformClient from 'purecloud-platform-client-v2'
  const api: typeof platformClient.UsersApi
  export default api
}
