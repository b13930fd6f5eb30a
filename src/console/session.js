/** Who is signed in. The key is kept for this tab only, and is sent in a header: it is never part of an address. */

const keyItem = 'handoff.key'
const scopesItem = 'handoff.scopes'
const listeners = new Set()
/** Why someone was signed out who did not ask for it, for people. */
let signOutReason
export const lastSignOutReason = () => signOutReason

/** The address of the service, also behind a proxy that adds a path before it. */
export const serviceAddress = new URL('..', document.baseURI)

export const currentKey = () => sessionStorage.getItem(keyItem)
const currentScopes = () => (sessionStorage.getItem(scopesItem) ?? '').split(' ')
/** Whether the key may do what needs this scope. What it may not do is not shown. */
export const may = (scope) => currentScopes().includes(scope)
/** The id of the key, which is no secret: the part between the first two underscores. */
export const keyId = () => currentKey()?.split('_')[1] ?? ''

/** Calls `listener` whenever someone signs in or out. @returns a function that ends this */
export function onSession(listener) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
const tellListeners = () => listeners.forEach((listener) => listener())

/** Signs in. @throws Error with a message for people */
export async function signIn(key) {
  if (!/^hk_[\w-]+_[\w-]{20,}$/.test(key)) throw new Error('This does not look like a key. A key starts with hk_ and has three parts.')
  let response
  try {
    response = await fetch(new URL('oauth/token', serviceAddress), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials', client_secret: key, client_id: key.split('_')[1] }),
      cache: 'no-store',
    })
  } catch {
    throw new Error('The service does not answer. Try again in a moment.')
  }
  const answer = await response.json().catch(() => ({}))
  if (response.status === 401) throw new Error('This key is unknown or was revoked.')
  if (!response.ok) throw new Error(answer.error_description ?? `The service answered ${response.status}.`)
  sessionStorage.setItem(keyItem, key)
  sessionStorage.setItem(scopesItem, answer.scope ?? '')
  signOutReason = undefined
  tellListeners()
}

/** Signs out. @param reason why, if nobody asked for it */
export function signOut(reason) {
  signOutReason = reason
  sessionStorage.removeItem(keyItem)
  sessionStorage.removeItem(scopesItem)
  tellListeners()
}
