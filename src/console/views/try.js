/** Try: a transfer as a dry run first, which shows what would be considered; then for real, after a confirmation. */
import { useRef, useState } from 'preact/hooks'
import { createKey, request } from '../api.js'
import { useAction } from '../hooks.js'
import { html } from '../html.js'
import { describePlace } from '../names.js'
import { Considered } from '../parts/considered.js'
import { Dialog } from '../parts/dialog.js'
import { Failure, Field, Heading, Notice, WholeId } from '../parts/pieces.js'
import { NameField, NameLists, readFields } from '../parts/name-field.js'
import { TargetFields, readTarget } from '../parts/target-fields.js'
import { goTo, linkTo } from '../router.js'
import { may } from '../session.js'

/** The request that the form describes. */
function readRequest(form) {
  const fields = readFields(form)
  return {
    conversationId: fields.conversationId,
    target: readTarget(fields),
    ...(fields.priority && { priority: Number(fields.priority) }),
    ...(fields.reason && { reason: fields.reason }),
    ...(fields.fallbackQueueId && { fallback: [{ type: 'queue', queueId: fields.fallbackQueueId }] }),
  }
}

function Outcome({ dryRun, onTransfer }) {
  return html`<section class="card outcome" aria-labelledby="outcome-title">
    <h2 id="outcome-title">The call would go to ${describePlace(dryRun)}</h2>
    <p>
      ${dryRun.resolvedTarget?.usedFallback ? 'That is a fallback: the target itself cannot take the call now.' : 'Nothing has been moved.'}
    </p>
    <${Considered} entries=${dryRun.considered} />
    <div class="buttons"><button type="button" class="primary" onClick=${onTransfer}>Transfer for real…</button></div>
  </section>`
}

export function TryView({ query }) {
  const [checked, setChecked] = useState()
  const [isAsking, setAsking] = useState(false)
  const [moved, setMoved] = useState()
  const form = useRef()
  const check = useAction(async () => {
    setChecked(undefined)
    setMoved(undefined)
    const body = readRequest(form.current)
    const dryRun = await request('v1/transfers', { method: 'POST', body: { ...body, mode: 'dryRun' } })
    setChecked({ body, dryRun, idempotencyKey: createKey() })
  })
  // The key stays the same for one dry run, so a second press cannot move the call twice.
  const move = useAction(async ({ body, idempotencyKey }) => {
    const transfer = await request('v1/transfers', { method: 'POST', body, headers: { 'idempotency-key': idempotencyKey } })
    if (may('transfers:read')) return goTo(linkTo(`transfers/${transfer.id}`))
    setAsking(false)
    setChecked(undefined)
    setMoved(transfer)
  })
  const submit = (event) => {
    event.preventDefault()
    void check.run()
  }
  return html`<${Heading} title="Try" />
    <p class="lead">A dry run asks the platform everything, and moves nothing.</p>
    <form class="card" ref=${form} onSubmit=${submit} onInput=${() => setChecked(undefined)}>
      <div class="fields">
        <${Field} label="Conversation" id="conversation" hint="The id of the call to move">
          <input id="conversation" name="conversationId" required placeholder="Id" spellcheck=${false} defaultValue=${query.conversationId ?? ''} autocomplete="off" aria-describedby="conversation-hint" />
        </${Field}>
        <${TargetFields} prefix="try" />
        <${Field} label="Priority" id="priority" hint="One point counts as one minute of waiting">
          <input id="priority" name="priority" type="number" step="1" aria-describedby="priority-hint" />
        </${Field}>
        <${Field} label="Reason" id="reason" hint="For reports, such as billing_dispute"><input id="reason" name="reason" maxlength="64" pattern="[a-z0-9_.\\-]{1,64}" aria-describedby="reason-hint" /></${Field}>
        <${NameField} label="Fallback queue" id="fallback" name="fallbackQueueId" kind="queue" hint="If the target cannot take the call" />
      </div>
      <${NameLists} />
      <div class="buttons"><button type="submit" class="primary" disabled=${check.isRunning}>${check.isRunning ? 'Checking…' : 'Dry run'}</button></div>
    </form>
    <div aria-live="polite">
      ${check.error && html`<${Failure} error=${check.error} />`}
      ${checked && html`<${Outcome} dryRun=${checked.dryRun} onTransfer=${() => setAsking(true)} />`}
      ${
        moved &&
        html`<${Notice} tone="good">
          <strong>The call is on its way to ${describePlace(moved)}</strong>
          <p><${WholeId} id=${moved.id} what="transfer" /></p>
          <p>Your key may not read transfers, so this page cannot show what becomes of it.</p>
        </${Notice}>`
      }
    </div>
    ${
      isAsking &&
      checked &&
      html`<${Dialog}
      title="Move this call now?"
      confirmLabel="Move the call"
      isBusy=${move.isRunning}
      error=${move.error}
      onConfirm=${() => move.run(checked)}
      onClose=${() => setAsking(false)}
    >
      <p>The caller goes to <strong>${describePlace(checked.dryRun)}</strong>, or to a fallback if that changes meanwhile.</p>
    </${Dialog}>`
    }`
}
