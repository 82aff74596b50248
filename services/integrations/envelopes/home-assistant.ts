/** Home Assistant's `mqtt_statestream`: `{base}/{domain}/{entity}/state` with plain text. Read only. */
import { ok, type Result } from '../../../broker/contract/result.ts'
import { receivedEnvelope, type Envelope, type ForeignMessage } from '../foreign-message.ts'
import { readText } from './json-fields.ts'

/** Entities that Tilth itself publishes to Home Assistant begin so; to read them would be a loop. */
export const OWN_ENTITY_PREFIX = 'tilth_'

const ENTITY = /^(?<domain>[a-z_]{1,40})\/(?<entity>[a-z0-9_]{1,120})\/state$/

/** The envelope of an entity's state; null: an attribute, or an entity of Tilth. */
export function readHomeAssistant(
  message: ForeignMessage,
  { base = 'homeassistant' }: { base?: string } = {},
): Result<Envelope | null> {
  if (!message.topic.startsWith(`${base}/`)) return ok(null)
  const match = ENTITY.exec(message.topic.slice(base.length + 1))
  if (match === null) return ok(null)
  const { domain, entity } = match.groups as { domain: string; entity: string }
  if (entity.startsWith(OWN_ENTITY_PREFIX)) return ok(null)
  const text = readText(message.payload)
  if (!text.ok) return text
  return ok({
    ...receivedEnvelope(message, `ha:${domain}.${entity}`),
    name: entity,
    fields: { [entity]: text.value },
  })
}
