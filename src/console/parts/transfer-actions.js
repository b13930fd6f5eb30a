/** What a person can do about one transfer: settle it, change its priority. Each is a dialog. */
import { request } from '../api.js'
import { useAction } from '../hooks.js'
import { html } from '../html.js'
import { describePlace, isCallback } from '../names.js'
import { Dialog } from './dialog.js'
import { Field, WholeId } from './pieces.js'

const otherSettlements = [
  { state: 'abandoned', label: 'The caller had hung up', hint: 'There is no call any more.' },
  { state: 'failed', label: 'The transfer failed', hint: 'The call was lost, or is in the wrong place.' },
]
const callSettlements = [
  { state: 'initiated', label: 'The call was moved', hint: 'It waits or rings at the target. Handoff watches it again.' },
  { state: 'rejected', label: 'The call was not moved', hint: 'It is where it was. It may be transferred again.' },
  ...otherSettlements,
]
const callbackSettlements = [
  { state: 'callback_created', label: 'The callback was created', hint: 'The caller will be called back.' },
  { state: 'rejected', label: 'No callback was created', hint: 'The call is where it was. It may be transferred again.' },
  ...otherSettlements,
]

/** @param onDone called after the change; @param onClose called however the dialog closes */
export function SettleDialog({ transfer, onDone, onClose }) {
  const settle = useAction(async ({ state, reason }) => {
    await request(`v1/transfers/${transfer.id}/settle`, { method: 'POST', body: { state, reason: reason.trim() } })
    onDone()
  })
  const settlements = isCallback(transfer) ? callbackSettlements : callSettlements
  return html`<${Dialog} title="What has become of the call?" confirmLabel="Settle" isBusy=${settle.isRunning} error=${settle.error} onConfirm=${settle.run} onClose=${onClose}>
    <p>
      ${isCallback(transfer) ? 'See in Genesys Cloud whether there is a callback for the caller. It was to be: ' : 'Find the call in Genesys Cloud, and see where the caller is now. It was to go to: '}
      <strong>${describePlace(transfer)}</strong>
    </p>
    <p class="dialog-call"><${WholeId} id=${transfer.conversationId} what="conversation" /></p>
    <fieldset class="choices">
      <legend class="visually-hidden">What has become of the call</legend>
      ${settlements.map(
        ({ state, label, hint }, index) =>
          html`<label class="choice"
            ><input type="radio" name="state" value=${state} required autofocus=${index === 0} /><span
              ><strong>${label}</strong><small>${hint}</small></span
            ></label
          >`,
      )}
    </fieldset>
    <${Field} label="Why" id="settle-reason" hint="Required. It is kept in the audit trail.">
      <textarea id="settle-reason" name="reason" rows="2" minlength="3" maxlength="500" required aria-describedby="settle-reason-hint"></textarea>
    </${Field}>
  </${Dialog}>`
}

export function PriorityDialog({ transfer, onDone, onClose }) {
  const current = transfer.resolvedTarget?.priority ?? transfer.priority
  const change = useAction(async ({ priority }) => {
    await request(`v1/transfers/${transfer.id}`, { method: 'PATCH', body: { priority: Number(priority) } })
    onDone()
  })
  return html`<${Dialog} title="Change the priority" confirmLabel="Change" isBusy=${change.isRunning} error=${change.error} onConfirm=${change.run} onClose=${onClose}>
    <${Field} label="Priority" id="new-priority" hint="Now ${current}. One point counts as one minute of waiting.">
      <input id="new-priority" name="priority" type="number" step="1" required defaultValue=${current} aria-describedby="new-priority-hint" />
    </${Field}>
  </${Dialog}>`
}
