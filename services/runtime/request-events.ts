/**
 * Requests of people and their outcomes on the bus. The rows in the state store are what counts: an event only shows
 * that there is one. A STOP that the store could not accept is the exception, its event carries the whole request.
 */
import Type, { type Static } from 'typebox'
import { jsonParser } from '../../broker/contract/json.ts'
import { everyInternal, internalTopic } from '../../broker/contract/topics.ts'
import type { Bus } from '../ports.ts'

const DELIVERY = { qos: 1, retain: false } as const

const RequestSchema = Type.Object({
  id: Type.String(),
  /** a STOP without a row; `zoneId` null: every valve of the organisation */
  unrecorded: Type.Optional(
    Type.Object({ zoneId: Type.Union([Type.String(), Type.Null()]), actor: Type.String() }),
  ),
})
export type RequestEvent = Static<typeof RequestSchema>

const OutcomeSchema = Type.Object({
  id: Type.String(), // of the request
  state: Type.Enum(['accepted', 'refused']),
})
export type OutcomeEvent = Static<typeof OutcomeSchema>

/** A request event; the error names the field and what was expected. */
export const parseRequest = jsonParser(RequestSchema, 'request')
const readOutcome = jsonParser(OutcomeSchema)

/** An outcome event, or null for any other payload. */
export function parseOutcome(payload: Uint8Array): OutcomeEvent | null {
  const read = readOutcome(payload)
  return read.ok ? read.value : null
}

/** Announces a request to dispatch. Rejects with BUS_UNAVAILABLE. */
export const publishRequest = (bus: Pick<Bus, 'publish'>, org: string, event: RequestEvent): Promise<void> =>
  bus.publish(internalTopic(org, 'request'), JSON.stringify(event), DELIVERY)

/** Announces that the row of a request holds its outcome. Rejects with BUS_UNAVAILABLE. */
export const publishOutcome = (bus: Pick<Bus, 'publish'>, org: string, event: OutcomeEvent): Promise<void> =>
  bus.publish(internalTopic(org, 'outcome'), JSON.stringify(event), DELIVERY)

/** Calls the handler with every outcome of every organisation. */
export const subscribeToOutcomes = (
  bus: Pick<Bus, 'subscribe'>,
  handle: (event: OutcomeEvent) => void,
): Promise<void> =>
  bus.subscribe(everyInternal('outcome'), ({ payload }) => {
    const outcome = parseOutcome(payload)
    if (outcome !== null) handle(outcome)
  })
