/** Any topic with JSON or a plain value, for a profile of the farm's own. */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { receivedEnvelope, type Envelope, type ForeignMessage } from '../foreign-message.ts'
import { isFields, readJsonFields, readText } from './json-fields.ts'

/** The envelope of a message: an object as its fields, anything else as the field `value`. */
export function readGeneric(message: ForeignMessage): Result<Envelope | null> {
  if (message.topic.length > 200) return err('topic: expected at most 200 characters')
  const text = readText(message.payload)
  if (!text.ok) return text
  const isObject = text.value.trimStart().startsWith('{')
  const fields = isObject ? readJsonFields(message.payload) : ok({ value: text.value })
  if (!fields.ok) return fields
  const { topic } = message
  return ok({
    ...receivedEnvelope(message, `mqtt:${topic}`),
    name: topic,
    fields: isFields(fields.value) ? fields.value : null,
  })
}
