/** The fields of a form that describe a target. */
import { useState } from 'preact/hooks'
import { html } from '../html.js'
import { NameField } from './name-field.js'
import { Field } from './pieces.js'

const types = {
  queue: { label: 'Queue', fields: [{ name: 'queueId', label: 'Queue', kind: 'queue', required: true }] },
  skill: {
    label: 'Skill',
    fields: [
      { name: 'skillId', label: 'Skill', kind: 'skill', required: true },
      { name: 'queueId', label: 'Queue of the skill', kind: 'queue' },
    ],
  },
  agent: { label: 'Agent', fields: [{ name: 'userId', label: 'Agent', kind: 'agent', required: true }] },
  number: { label: 'Number', fields: [{ name: 'address', label: 'Number', required: true, placeholder: '+13175550100', type: 'tel' }] },
}

/** The target that the fields of a form describe. */
export function readTarget(fields) {
  const { targetType: type } = fields
  const entries = types[type].fields.map(({ name }) => [name, fields[name]]).filter(([, value]) => value)
  return { type, ...Object.fromEntries(entries) }
}

export function TargetFields({ prefix }) {
  const [type, setType] = useState('queue')
  return html`<${Field} label="Target" id="${prefix}-type">
      <select id="${prefix}-type" name="targetType" value=${type} onChange=${(event) => setType(event.target.value)}>
        ${Object.entries(types).map(([name, { label }]) => html`<option value=${name}>${label}</option>`)}
      </select>
    </${Field}>
    ${types[type].fields.map(({ name, label, kind, ...input }) =>
      kind
        ? html`<${NameField} key="${type}-${name}" id="${prefix}-${name}" ...${{ name, label, kind, ...input }} />`
        : html`<${Field} key=${name} label=${label} id="${prefix}-${name}">
            <input id="${prefix}-${name}" name=${name} autocomplete="off" ...${input} />
          </${Field}>`,
    )}`
}
