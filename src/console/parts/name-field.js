/** Fields for a queue, a skill or an agent: by its name, if the service has told it, or by its id. */
import { request, withNames } from '../api.js'
import { useLoaded } from '../hooks.js'
import { html } from '../html.js'
import { entryOf, idOf, listNames } from '../names.js'
import { may } from '../session.js'
import { Field } from './pieces.js'

const kinds = ['queue', 'skill', 'agent']

/** The names to choose from, once for all fields of a form. They are those of the transfers that were read last. */
export function NameLists() {
  useLoaded(
    async (signal) =>
      kinds.some((kind) => listNames(kind).length > 0) ||
      !may('transfers:read') ||
      request('v1/transfers', { query: { limit: 200, ...withNames }, signal }),
    [],
  )
  return kinds.map(
    (kind) => html`<datalist id="names-${kind}">${listNames(kind).map((name) => html`<option value=${name}></option>`)}</datalist>`,
  )
}

/** Says at the field what is wrong with it, before it is sent. */
function check({ currentTarget: input }) {
  const { value, dataset } = input
  const isUnknown = value.trim() !== '' && idOf(value.trim(), dataset.kind) === undefined
  input.setCustomValidity(isUnknown ? `This name is not known, or there are several of it. Enter the id of the ${dataset.kind}.` : '')
}

/** @param kind queue, skill or agent; @param value the id that is there at first */
export const NameField = ({ label, id, name, kind, hint, value, required }) =>
  html`<${Field} label=${label} id=${id} hint=${hint}>
    <input
      id=${id}
      name=${name}
      data-kind=${kind}
      list="names-${kind}"
      placeholder="Name or id"
      autocomplete="off"
      spellcheck=${false}
      required=${required}
      defaultValue=${value ? entryOf(value, kind) : ''}
      onInput=${check}
      aria-describedby=${hint ? `${id}-hint` : undefined}
    />
  </${Field}>`

/** The fields of a form, with ids where names were entered. */
export const readFields = (form) =>
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => {
      const { kind } = form.elements[name]?.dataset ?? {}
      return [name, (kind && idOf(value.trim(), kind)) || value.trim()]
    }),
  )
