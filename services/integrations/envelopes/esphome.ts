/** ESPHome: `{prefix}/{component}/{object}/state` with plain text, and `{prefix}/status`. */
import { ok, type Result } from '../../../broker/contract/result.ts'
import { receivedEnvelope, valveReport, type Envelope, type ForeignMessage } from '../foreign-message.ts'
import { readText } from './json-fields.ts'

const STATE =
  /^(?<prefix>[^+#]{1,100}?)\/(?<component>sensor|binary_sensor|number|switch|valve)\/(?<object>[\w-]{1,80})\/state$/
const STATUS = /^(?<prefix>[^+#]{1,100})\/status$/
const positions = new Map<string, 'open' | 'closed'>([
  ['ON', 'open'],
  ['OPEN', 'open'],
  ['OFF', 'closed'],
  ['CLOSED', 'closed'],
])

/** The envelope of a state or of the birth and will; null: a command or a log line. */
export function readEsphome(message: ForeignMessage): Result<Envelope | null> {
  const match = STATE.exec(message.topic) ?? STATUS.exec(message.topic)
  if (match === null) return ok(null)
  const { prefix, component, object } = match.groups as {
    prefix: string
    component?: string
    object?: string
  }
  const text = readText(message.payload)
  if (!text.ok) return text
  const arrived: Envelope = {
    ...receivedEnvelope(message, `esp:${prefix}`),
    name: prefix,
  }
  if (object === undefined)
    return ok({
      ...arrived,
      isOnline: text.value === 'online' ? true : text.value === 'offline' ? false : null,
    })
  const position = component === 'switch' || component === 'valve' ? positions.get(text.value) : undefined
  return ok({
    ...arrived,
    fields: { [object]: text.value },
    valves: position === undefined ? [] : [valveReport(object, position)],
  })
}
