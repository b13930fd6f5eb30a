/** Sign-in with an API key. */
import { useEffect, useRef } from 'preact/hooks'
import { useAction } from '../hooks.js'
import { html } from '../html.js'
import { Field } from '../parts/pieces.js'
import { lastSignOutReason, signIn } from '../session.js'

export function SignInView() {
  const { run, isRunning, error } = useAction((key) => signIn(key))
  const input = useRef()
  const message = error?.message ?? lastSignOutReason()
  useEffect(() => input.current.focus(), [error])
  const submit = (event) => {
    event.preventDefault()
    void run(input.current.value.trim())
  }
  return html`<main class="sign-in">
    <form class="card" onSubmit=${submit}>
      <img src="./icon.svg" alt="" width="44" height="44" />
      <h1>Handoff</h1>
      <p>Sign in with an API key to see the calls that are being moved.</p>
      <${Field} label="API key" id="key" hint="Kept in this tab only, and sent to this service only.">
        <input
          ref=${input}
          id="key"
          type="password"
          autocomplete="off"
          spellcheck=${false}
          placeholder="hk_…"
          required
          aria-describedby="key-hint"
          aria-invalid=${error ? 'true' : undefined}
        />
      </${Field}>
      ${message && html`<p class="form-error" role="alert">${message}</p>`}
      <button type="submit" class="primary wide" disabled=${isRunning}>${isRunning ? 'One moment…' : 'Sign in'}</button>
      <p class="fine">No key yet? <code>npm run keys -- create --scope transfers:read</code></p>
    </form>
  </main>`
}
