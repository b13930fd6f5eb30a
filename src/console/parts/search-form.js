/** The filters of the search. */
import { useEffect, useRef } from 'preact/hooks'
import { states } from '../format.js'
import { html } from '../html.js'
import { entryOf } from '../names.js'
import { NameField, NameLists, readFields } from './name-field.js'
import { Field } from './pieces.js'

const textFields = [
  {
    name: 'conversationId',
    label: 'Conversation',
    placeholder: 'Id',
    pattern: '\\s*[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\s*',
    title: 'The whole id of a conversation',
  },
  { name: 'queueId', label: 'Queue', kind: 'queue' },
  { name: 'code', label: 'Code', placeholder: 'NO_AGENT_AVAILABLE', pattern: '\\s*[A-Z_]+\\s*', title: 'Capital letters and underscores' },
  { name: 'reason', label: 'Reason', placeholder: 'billing_dispute' },
  {
    name: 'requestedBy',
    label: 'Requested by',
    placeholder: 'Id of a key',
    pattern: '\\s*[\\w\\-]+\\s*',
    title: 'The part of a key after hk_',
  },
  { name: 'since', label: 'From', type: 'datetime-local' },
  { name: 'until', label: 'To', type: 'datetime-local' },
]

/** What a filter is called, by the field that the service finds fault with, such as query.since. */
export function labelOf(field = '') {
  const name = field.replace('query.', '')
  return name === 'state' ? 'State' : textFields.find((candidate) => candidate.name === name)?.label
}

const two = (value) => String(value).padStart(2, '0')
/** A time of the address (ISO 8601) as a field shows it: in the time zone of the browser. */
function toLocal(time) {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return ''
  const [day, clock] = [
    [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())],
    [two(date.getHours()), two(date.getMinutes())],
  ]
  return `${day.join('-')}T${clock.join(':')}`
}
/** A time of a field as the address has it: the same moment for everyone who opens it. */
const toMoment = (text) => (text ? new Date(text).toISOString() : '')

const entryFor = ({ kind, type }, value = '') => (value && type ? toLocal(value) : value && kind ? entryOf(value, kind) : value)

/** @param query the filters as the address has them; @param onSearch gets the new ones */
export function SearchForm({ query, onSearch }) {
  const form = useRef()
  const chosen = new Set((query.state ?? '').split(',').filter(Boolean))
  const used = textFields.filter(({ name }) => name !== 'conversationId' && query[name]).length
  // The fields are written when the address changes, and not made anew: the focus stays where it is.
  useEffect(() => {
    for (const field of textFields) form.current.elements[field.name].value = entryFor(field, query[field.name])
  }, [JSON.stringify(query)])
  function search(state) {
    const fields = readFields(form.current)
    onSearch({ ...fields, since: toMoment(fields.since), until: toMoment(fields.until), state: [...state].join(',') })
  }
  const toggle = (state) => search(chosen.has(state) ? [...chosen].filter((other) => other !== state) : [...chosen, state])
  const submit = (event) => {
    event.preventDefault()
    search(chosen)
  }
  return html`<form class="card search-form" role="search" ref=${form} onSubmit=${submit}>
    <fieldset>
      <legend>State</legend>
      <div class="chips">
        ${Object.entries(states).map(
          ([state, { label, means }]) =>
            html`<button type="button" class="chip" aria-pressed=${String(chosen.has(state))} title=${means} onClick=${() => toggle(state)}>
              ${label}
            </button>`,
        )}
      </div>
    </fieldset>
    <details open=${used > 0 || query.conversationId || matchMedia('(min-width: 721px)').matches}>
      <summary>More filters${used > 0 ? ` (${used} in use)` : ''}</summary>
      <div class="fields">
        ${textFields.map(({ name, label, kind, ...input }) =>
          kind
            ? html`<${NameField} ...${{ name, label, kind }} id="filter-${name}" />`
            : html`<${Field} label=${label} id="filter-${name}">
                <input id="filter-${name}" name=${name} autocomplete="off" spellcheck=${false} ...${input} />
              </${Field}>`,
        )}
      </div>
      <div class="buttons">
        <button type="button" onClick=${() => onSearch({})}>Clear</button>
        <button type="submit" class="primary">Search</button>
      </div>
    </details>
    <${NameLists} />
  </form>`
}
