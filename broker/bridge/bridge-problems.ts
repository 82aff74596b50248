/** Why another broker cannot be listened to, in the terms of a person who enters its address. */

/** The kind of a problem, and one line about it. */
export interface BridgeProblem {
  problem: 'unreachable' | 'wrong-password' | 'certificate' | 'refused' | 'topics'
  reason: string
}

// CONNACK of MQTT 3.1.1 and of MQTT 5
const wrongPassword = new Set([4, 5, 134, 135])
const certificateCodes = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY/

/** The problem of a connection that was closed; `error`: what was reported of it. */
export function bridgeProblem(
  error: (Error & { code?: unknown }) | null,
  wasConnected: boolean,
): BridgeProblem {
  if (error === null)
    return { problem: 'unreachable', reason: wasConnected ? 'the connection was lost' : 'there is no answer' }
  const { code, message } = error
  if (typeof code === 'number')
    return wrongPassword.has(code)
      ? { problem: 'wrong-password', reason: 'user name or password are wrong' }
      : { problem: 'refused', reason: message.slice(0, 200) }
  if (certificateCodes.test(String(code)))
    return { problem: 'certificate', reason: `its certificate is not accepted: ${message.slice(0, 160)}` }
  return { problem: 'unreachable', reason: message === '' ? String(code) : message.slice(0, 200) }
}

/** The problem of a subscription. */
export const topicsProblem = (what: string): BridgeProblem => ({
  problem: 'topics',
  reason: `the subscription was refused: ${what.slice(0, 160)}`,
})
