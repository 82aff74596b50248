/** The alerts that dispatch raises about valves. */
import { randomUUID } from 'node:crypto'
import { loadValveAlerts as loadAlerts, type ValveAlerts as AlertsOf } from '../domain/valve-alerts.ts'
import type { Logger, State } from '../ports.ts'
import type { Outbox } from './outbox.ts'

/**
 * Catalogue keys. Params: `valve`; `fault` of a valve-fault; `rule` of a rule-broken; `used` of a sequence mismatch;
 * of a meter-implausible `litres` and `mostLitres`; of a message-refused the `reason`;
 * of both flow alerts `flow` (a FlowKind), `at` (its valves), `lpm`, `expectedLpm` and the action taken in `done`.
 */
export const alertCauses = [
  'valve-unconfirmed',
  'valve-locked-out',
  'valve-fault',
  'rule-broken',
  'sequence-mismatch',
  'flow-alarm',
  'flow-leak',
  'meter-implausible',
  'message-refused',
] as const
export type AlertCause = (typeof alertCauses)[number]

export type ValveAlerts = AlertsOf<AlertCause>

/** Loads the active valve alerts of dispatch from the store. */
export const loadValveAlerts = (deps: { state: State; log: Logger; out: Outbox }): Promise<ValveAlerts> =>
  loadAlerts({ ...deps, causes: alertCauses, newId: randomUUID, publish: deps.out.publishEvent })
