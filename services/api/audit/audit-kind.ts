/** The kind of an audit line, from its action alone; the first matching kind applies. */

/** Actions by kind; `%` matches any suffix. Unlisted actions concern the farm: its settings, and the records and notes of its fields. */
const actions = {
  incident: [
    ...['rule-broken', 'sequence-mismatch', 'run-unexpected', 'flow-alarm', 'flow-leak', 'restore'],
    'meter-implausible',
    ...['device.refused.%', 'device.claim-refused', 'sign-in.refused'],
  ],
  water: [
    ...['command-%', 'request.%', 'run-%', 'run.%', 'irrigation.%', 'output.%'],
    ...['valve-unlocked', 'fault-cleared', 'flow-cleared', 'alert-cleared'],
  ],
  pest: ['treatment.%', 'product.%', 'degree-day-tracker.%', 'task.%', 'field.pest-economics', 'field.count'],
  people: [
    ...['sign-in', 'sign-out', 'setup', 'password.%', 'member.%', 'members.%', 'person.%', 'organization.%'],
    ...['invitation.%', 'membership.%', 'consent.%', 'notification.%', 'export', 'audit.export', 'report.%'],
  ],
  device: ['device.%', 'gateway.%', 'integration.%', 'valve.%', 'dead-letter.%'],
  farm: ['%'],
} as const

export type AuditKind = keyof typeof actions
export const auditKinds = Object.keys(actions) as [AuditKind, ...AuditKind[]]

const matchesPattern = (action: string, pattern: string): boolean =>
  pattern.endsWith('%') ? action.startsWith(pattern.slice(0, -1)) : action === pattern

/**
 * An action that no other pattern matches is of the kind `farm`; `actionPatterns` selects the same lines in a query.
 */
export const auditKind = (action: string): AuditKind =>
  auditKinds.find((kind) => actions[kind].some((pattern) => matchesPattern(action, pattern)))!

/** For a query: patterns of which one must match, and patterns of earlier kinds, of which none may match. */
export function actionPatterns(kind: AuditKind): { some: readonly string[]; none: readonly string[] } {
  const before = auditKinds.slice(0, auditKinds.indexOf(kind))
  return { some: actions[kind], none: before.flatMap((earlier) => [...actions[earlier]]) }
}
