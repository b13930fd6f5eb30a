/** Search: transfers of any state. The filters are in the address, so that it can be shared. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { readPages, request, withNames } from '../api.js'
import { saveTransfers } from '../export.js'
import { formatCount } from '../format.js'
import { useAction, useMedia, useNames, useNow } from '../hooks.js'
import { html } from '../html.js'
import { listIds } from '../names.js'
import { Empty, Failure, Heading, Loading, Notice } from '../parts/pieces.js'
import { labelOf, SearchForm } from '../parts/search-form.js'
import { rowHeight, TransferRow, TransferRowHead } from '../parts/transfer-row.js'
import { VirtualList } from '../parts/virtual-list.js'
import { goTo, linkTo } from '../router.js'

/** The transfers that match, a page after the other as they are scrolled to. */
function useResults(query) {
  const [state, setState] = useState({ rows: [], cursor: null, isLoading: true, error: undefined })
  const abort = useRef()
  const text = JSON.stringify(query)
  const loadPage = useCallback(
    async (cursor) => {
      const { signal } = abort.current
      setState((last) => ({ ...last, isLoading: true, error: undefined }))
      try {
        const page = await request('v1/transfers', { query: { ...query, limit: 200, ...withNames, cursor }, signal })
        setState((last) => ({
          rows: cursor ? [...last.rows, ...page.transfers] : page.transfers,
          cursor: page.nextCursor,
          isLoading: false,
        }))
      } catch (error) {
        if (!signal.aborted) setState((last) => ({ ...last, isLoading: false, error }))
      }
    },
    [text],
  )
  useEffect(() => {
    abort.current = new AbortController()
    setState({ rows: [], cursor: null, isLoading: true, error: undefined })
    void loadPage()
    return () => abort.current.abort()
  }, [text])
  const loadMore = () => state.cursor && !state.isLoading && !state.error && void loadPage(state.cursor)
  return { ...state, loadMore, retry: () => void loadPage(state.cursor ?? undefined) }
}

/** More are not saved: a browser keeps them in memory. */
const mostExported = 10_000

function ExportButtons({ query }) {
  const { run, isRunning, error } = useAction(async (format) => {
    const found = []
    await readPages(query, (page) => {
      found.push(...page)
      return found.length < mostExported
    })
    saveTransfers(found, format)
    return found.length === mostExported
  })
  const [isCut, setCut] = useState(false)
  const save = async (format) => setCut(await run(format))
  return html`<button type="button" disabled=${isRunning} onClick=${() => save('csv')}>CSV</button>
    <button type="button" disabled=${isRunning} onClick=${() => save('ndjson')}>NDJSON</button>
    <span class="export-note" role="status">${isRunning ? 'Reading…' : isCut ? 'The file has the newest 10,000 only' : ''}</span>
    ${error && html`<span class="form-error" role="alert">${error.message}</span>`}`
}

/** An address may have been cut or mistyped. */
function WrongFilter({ error: { field, message } }) {
  const label = labelOf(field)
  return html`<${Notice} tone="bad">
    <strong>${label ? `The filter “${label}” is not right` : 'This address has a filter that is not right'}</strong>
    <p>${label ? 'Enter it again, or clear it.' : message}</p>
  </${Notice}>`
}

export function SearchView({ query }) {
  const { rows, cursor, isLoading, error, loadMore, retry } = useResults(query)
  const now = useNow()
  const isNarrow = useMedia('(max-width: 720px)')
  const ids = useMemo(() => rows.flatMap(listIds), [rows])
  useNames(ids, (signal) => request('v1/transfers', { query: { ...query, limit: 200, ...withNames }, signal }))
  const search = (filters) => goTo(linkTo('search', filters))
  const isFiltered = Object.keys(query).length > 0
  return html`<${Heading} title="Search">
      <span class="export-label">Save as</span><${ExportButtons} query=${query} />
    </${Heading}>
    <${SearchForm} query=${query} onSearch=${search} />
    <p class="result-count" role="status">
      ${rows.length === 0 ? '' : `${formatCount(rows.length)}${cursor ? '+' : ''} ${rows.length === 1 ? 'transfer' : 'transfers'}`}
    </p>
    ${error && (error.code === 'INVALID_REQUEST' ? html`<${WrongFilter} error=${error} />` : html`<${Failure} error=${error} onRetry=${retry} />`)}
    ${rows.length === 0 && isLoading && html`<${Loading} what="Searching" />`}
    ${
      rows.length === 0 &&
      !isLoading &&
      !error &&
      html`<${Empty} title=${isFiltered ? 'Nothing matches' : 'No transfers yet'}>
      ${isFiltered ? 'Remove a filter, or widen the time.' : 'Transfers appear here once one is requested.'}
    </${Empty}>`
    }
    ${
      rows.length > 0 &&
      html`<section class="card list" aria-label="Transfers found">
        ${!isNarrow && html`<${TransferRowHead} />`}
        <${VirtualList}
          rows=${rows}
          rowHeight=${isNarrow ? rowHeight.narrow : rowHeight.wide}
          label="Transfers found, newest first"
          onNearEnd=${loadMore}
          renderRow=${(transfer) => html`<${TransferRow} transfer=${transfer} now=${now} />`}
        />
      </section>`
    }`
}
