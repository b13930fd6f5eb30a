/**
 * What Swagger UI does differently on our page: dark with the system, the key field first, exports as text, and example ids that work. Browsers
 * run this file as it is.
 */
;(() => {
  const prefersDark = matchMedia('(prefers-color-scheme: dark)')
  const followSystem = () => document.documentElement.classList.toggle('dark-mode', prefersDark.matches)
  prefersDark.addEventListener('change', followSystem)
  followSystem()

  /**
   * The ids in the examples of paths. Handoff makes these ids, so that an example cannot have a real one: it stands for the newest resource, of
   * those that fit the operation if there are any.
   */
  const exampleIds = [
    {
      example: '019a0000-0000-7000-8000-000000000001',
      list: 'v1/transfers',
      read: ({ transfers }) => transfers,
      preferred: {
        PATCH: ({ state, resolvedTarget }) => state === 'initiated' && ['queue', 'skill'].includes(resolvedTarget.type),
        POST: ({ state }) => state === 'indeterminate',
      },
    },
    {
      example: 'evt_019a0000-0000-7000-8000-000000000001',
      list: 'v1/webhook-deliveries',
      read: ({ deliveries }) => deliveries,
      preferred: { POST: ({ state }) => state === 'delivered' },
    },
    {
      example: '019a0000-0000-7000-8000-00000000000b',
      list: 'v1/bulk-transfers',
      read: ({ bulkTransfers }) => bulkTransfers,
      preferred: { POST: ({ state }) => ['running', 'paused'].includes(state) },
    },
    { example: 'ep_000000000000', list: 'v1/webhook-endpoints', read: ({ endpoints }) => endpoints, preferred: {} },
  ]

  /** Puts the id of a real resource in the place of an example id. Without one the request stays as it is, and is answered with 404. */
  async function replaceExampleId(request) {
    const [base, path = ''] = request.url.split(/(?=\/v1\/)/)
    const kind = exampleIds.find(({ example }) => path.includes(`/${example}`))
    if (!kind) return
    const { Authorization, 'X-API-Key': key } = request.headers
    const headers = { ...(Authorization && { Authorization }), ...(key && { 'X-API-Key': key }) }
    const response = await fetch(`${base}/${kind.list}`, { headers })
    if (!response.ok) return
    const resources = kind.read(await response.json())
    const chosen = resources.find(kind.preferred[request.method] ?? (() => true)) ?? resources[0]
    if (chosen) request.url = request.url.replace(kind.example, chosen.id)
  }

  /** Puts the key that the user has entered in the place of the example key of a client. */
  function replaceExampleClient(request, key) {
    const [, id] = /^hk_([^_]+)_/.exec(key ?? '') ?? []
    if (id === undefined || typeof request.body !== 'string' || !request.url.endsWith('/oauth/token')) return
    const form = new URLSearchParams(request.body)
    if (!form.get('client_secret')?.startsWith('hk_0a1b2c3d4e5f_')) return
    form.set('client_id', id)
    form.set('client_secret', key)
    request.body = form.toString()
  }

  let getSystem

  /** A plugin of Swagger UI. */
  function handoffPage(system) {
    const { React } = system
    getSystem = system.getSystem
    const { createElement: create } = React

    /** Every text field of the dialog asks for the focus, and the last one gets it. But the first one is where the key goes. */
    const withKeyFieldFirst = (Dialog) =>
      class extends React.Component {
        componentDidMount() {
          document.querySelector('.dialog-ux input')?.focus()
          document.querySelector('.dialog-ux .modal-ux-content')?.scrollTo(0, 0)
        }
        render() {
          return create(Dialog, this.props)
        }
      }

    /** Newline-delimited JSON as text: as JSON it could not be parsed. */
    const withLinesAsText = (ResponseBody) =>
      function TextOrOther(props) {
        const isLines = /ndjson/.test(props.contentType ?? '')
        return create(ResponseBody, isLines ? { ...props, contentType: 'text/plain' } : props)
      }

    return { wrapComponents: { authorizationPopup: withKeyFieldFirst, responseBody: withLinesAsText } }
  }

  handoffPage.requestInterceptor = async (request) => {
    if (request.loadSpec) return request
    replaceExampleClient(request, getSystem().authSelectors.authorized().getIn(['key', 'value']))
    await replaceExampleId(request)
    return request
  }
  globalThis.handoffPage = handoffPage
})()
