/**
 * Change events on the bus: every module publishes, parses and subscribes to them here.
 *
 * They are sent with QoS 1: the planner, the estimator and dispatch act on them, so a lost event would leave a field
 * without a plan until the next hourly run. A repeated event does no harm, for each handler reads the rows again.
 */
import Type from 'typebox'
import { jsonParser } from '../../broker/contract/json.ts'
import { everyInternal, internalTopic } from '../../broker/contract/topics.ts'
import type { Bus, ChangeEvent } from '../ports.ts'

const DELIVERY = { qos: 1, retain: false } as const

const ChangeSchema = Type.Object({
  event: Type.Enum(['reading', 'command', 'plan', 'alert', 'device', 'field', 'report']),
  atMs: Type.Number(),
  fields: Type.Optional(Type.Array(Type.String())),
  id: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
  share: Type.Optional(Type.Number()),
})
const readChange = jsonParser(ChangeSchema)

/** A change event, or null for any other payload. */
export function parseChange(payload: Uint8Array): ChangeEvent | null {
  const read = readChange(payload)
  return read.ok ? read.value : null
}

/** Publishes a change to the modules and dashboards of an organisation. Rejects with BUS_UNAVAILABLE. */
export const publishChange = (bus: Pick<Bus, 'publish'>, org: string, change: ChangeEvent): Promise<void> =>
  bus.publish(internalTopic(org, 'event'), JSON.stringify(change), DELIVERY)

/** Calls the handler with every change of every organisation; other payloads are ignored. */
export const subscribeToChanges = (
  bus: Pick<Bus, 'subscribe'>,
  handle: (org: string, change: ChangeEvent) => void | Promise<void>,
): Promise<void> =>
  bus.subscribe(everyInternal('event'), ({ topic, payload }) => {
    const change = parseChange(payload)
    if (change !== null) return handle(topic.split('/')[2]!, change)
  })
