/** How a call enters an IVR or a voicemail, and how it leaves whatever it is connected to. */
import type { Conversation, Leg } from '../model/conversation.ts'
import { openLeg } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { disconnectLeg } from './agents.ts'

/** Connects the caller to an IVR at the instant `at`, epoch ms. */
export function openIvrLeg(conversation: Conversation, at: number): Leg {
  return openLeg(conversation, at, {
    purpose: 'ivr',
    state: 'connected',
    name: 'Inbound flow',
    address: 'sip:00000000-0000-4000-8000-0000000000f1@127.0.0.1;user=ivr',
  })
}

/** Connects the caller to a voicemail at the instant `at`, epoch ms. */
export function openVoicemailLeg(conversation: Conversation, at: number): Leg {
  return openLeg(conversation, at, {
    purpose: 'voicemail',
    state: 'connected',
    name: 'Voicemail',
    address: 'sip:voicemail@127.0.0.1;user=voicemail',
  })
}

/** Ends every active leg except the caller's: connected ones with `transfer`, all others with `system`. */
export function disconnectAllButCaller(platform: PlatformState, conversation: Conversation): void {
  for (const leg of conversation.legs) {
    if (leg.purpose !== 'customer') disconnectLeg(platform, leg, leg.state === 'connected' ? 'transfer' : 'system')
  }
}
