/** Davis WeatherLink Live: the answer to `GET /v1/current_conditions`. */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { envelope, type Envelope, type Fields, type ForeignMessage } from '../foreign-message.ts'
import { isClockSet, messageTime } from '../message-time.ts'
import { excerpt, isFields, readJsonFields } from './json-fields.ts'

/** Millimetres of one tip of the rain gauge, by `rain_size`. */
const RAIN_TIP_MM = new Map<unknown, number>([
  [1, 0.254],
  [2, 0.2],
  [3, 0.1],
  [4, 0.0254],
])
const SOIL_AND_LEAF = 2
const MAX_CONDITIONS = 20

/**
 * The envelope of the current conditions. Fields of weather, barometer and console stand together; those of soil and
 * leaf stations stand under the number of their transmitter.
 */
export function readWeatherlinkLive(message: ForeignMessage): Result<Envelope | null> {
  const answer = readJsonFields(message.payload)
  if (!answer.ok) return answer
  const { data, error } = answer.value
  if (!isFields(data)) return err(`data: expected the conditions, got the error ${excerpt(error)}`)
  const { did, ts, conditions } = data
  if (typeof did !== 'string' || !/^[0-9A-F]{6,20}$/i.test(did))
    return err(`data.did: expected the id of the station, got ${excerpt(did)}`)
  if (typeof ts !== 'number') return err(`data.ts: expected seconds, got ${excerpt(ts)}`)
  const address = `wll:${did}`
  return ok({
    ...envelope({
      address,
      dedupeKey: `${address}:${isClockSet(ts * 1000) ? ts : message.receivedMs}`,
      ...messageTime(ts * 1000, message.receivedMs, 'payload'),
    }),
    hints: { model: 'WeatherLink Live', brand: 'Davis' },
    fields: conditionFields(Array.isArray(conditions) ? conditions.slice(0, MAX_CONDITIONS) : []),
  })
}

function conditionFields(conditions: readonly unknown[]): Fields {
  const fields: Record<string, unknown> = {}
  for (const condition of conditions) {
    if (!isFields(condition)) continue
    const { data_structure_type: structure, txid } = condition
    if (structure === SOIL_AND_LEAF) {
      if (typeof txid === 'number') fields[String(txid)] = condition
    } else for (const [name, value] of Object.entries(condition)) fields[name] ??= value
  }
  const tipMm = RAIN_TIP_MM.get(fields.rain_size)
  if (tipMm !== undefined)
    for (const name of ['rainfall_year', 'rainfall_monthly', 'rainfall_daily'])
      if (typeof fields[name] === 'number') fields[`${name}_mm`] = fields[name] * tipMm
  return fields
}
