/**
 * Bulk: moves the calls that wait in a queue somewhere else. A dry run says what would happen to each call; then they are moved after a
 * confirmation. Below are the bulk transfers that run, are paused, or ended last.
 */
import { useRef, useState } from 'preact/hooks'
import { createKey, request } from '../api.js'
import { useAction } from '../hooks.js'
import { html } from '../html.js'
import { describeTarget, nameOf } from '../names.js'
import { BulkDryRun, movesMore } from '../parts/bulk-dry-run.js'
import { BulkList } from '../parts/bulk-list.js'
import { BulkProgress } from '../parts/bulk-progress.js'
import { Dialog } from '../parts/dialog.js'
import { Failure, Field, Heading, Notice, WholeId } from '../parts/pieces.js'
import { NameField, NameLists, readFields } from '../parts/name-field.js'
import { readTarget, TargetFields } from '../parts/target-fields.js'
import { goTo, linkTo } from '../router.js'
import { may } from '../session.js'

/** The request that the form describes. */
function readRequest(form) {
  const fields = readFields(form)
  return {
    fromQueueId: fields.fromQueueId,
    target: readTarget(fields),
    reason: fields.reason,
    ...(fields.limit && { limit: Number(fields.limit) }),
  }
}

function NewBulk({ query }) {
  const [checked, setChecked] = useState()
  const [isAsking, setAsking] = useState(false)
  const [startedId, setStartedId] = useState()
  const form = useRef()
  const check = useAction(async () => {
    setChecked(undefined)
    setStartedId(undefined)
    const body = readRequest(form.current)
    const dryRun = await request('v1/bulk-transfers', { method: 'POST', body: { ...body, dryRun: true } })
    setChecked({ body, dryRun, idempotencyKey: createKey() })
  })
  // The key stays the same for one dry run, so a second press cannot move the calls twice.
  const start = useAction(async ({ body, idempotencyKey }) => {
    const { id } = await request('v1/bulk-transfers', { method: 'POST', body, headers: { 'idempotency-key': idempotencyKey } })
    setAsking(false)
    if (may('transfers:read')) return goTo(linkTo(`bulk/${id}`))
    setChecked(undefined)
    setStartedId(id)
  })
  const submit = (event) => {
    event.preventDefault()
    void check.run()
  }
  return html`<${Heading} title="Bulk" />
    <p class="lead">Moves the calls that wait in a queue somewhere else: the oldest first, and each keeps its place. A dry run moves nothing.</p>
    <form class="card" ref=${form} onSubmit=${submit} onInput=${() => setChecked(undefined)}>
      <div class="fields">
        <${NameField} label="From queue" id="from" name="fromQueueId" kind="queue" required value=${query.fromQueueId} />
        <${TargetFields} prefix="bulk" />
        <${Field} label="Reason" id="bulk-reason" hint="For reports, such as queue_closed">
          <input id="bulk-reason" name="reason" required pattern="[a-z0-9_.\\-]{1,64}" aria-describedby="bulk-reason-hint" />
        </${Field}>
        <${Field} label="At most" id="limit" hint="Empty: all, up to 2,000">
          <input id="limit" name="limit" type="number" min="1" max="2000" step="1" aria-describedby="limit-hint" />
        </${Field}>
      </div>
      <${NameLists} />
      <div class="buttons"><button type="submit" class="primary" disabled=${check.isRunning}>${check.isRunning ? 'Checking…' : 'Dry run'}</button></div>
    </form>
    <div aria-live="polite">
      ${check.error && html`<${Failure} error=${check.error} />`}
      ${checked && html`<${BulkDryRun} dryRun=${checked.dryRun} onStart=${() => setAsking(true)} onCheckAgain=${() => check.run()} />`}
      ${
        startedId &&
        html`<${Notice} tone="good">
          <strong>The bulk transfer has started</strong>
          <p><${WholeId} id=${startedId} what="bulk transfer" /></p>
          <p>Your key may not read transfers, so this page cannot show how far it is. With a key that may, it is listed here.</p>
        </${Notice}>`
      }
    </div>
    ${may('transfers:read') && html`<${BulkList} />`}
    ${
      isAsking &&
      checked &&
      html`<${Dialog}
        title="Move these calls now?"
        confirmLabel="Move the calls"
        isBusy=${start.isRunning}
        error=${start.error}
        onConfirm=${() => start.run(checked)}
        onClose=${() => setAsking(false)}
      >
        <p>${movesMore(checked.dryRun) ? 'All callers who wait in' : 'The callers in'} <strong>${nameOf(checked.body.fromQueueId)}</strong> go to <strong>${describeTarget(checked.body.target)}</strong>. ${may('transfers:read') ? 'You can pause or cancel at any time.' : 'Pausing and canceling it needs a key that may read transfers, too.'}</p>
      </${Dialog}>`
    }`
}

export const BulkView = ({ id, query }) => (id ? html`<${BulkProgress} id=${id} />` : html`<${NewBulk} query=${query} />`)
