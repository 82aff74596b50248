/** Tasmota: `tele/{topic}/SENSOR`, `tele/{topic}/STATE`, `tele/{topic}/LWT`, `stat/{topic}/RESULT`, `stat/{topic}/POWER`. */
import { ok, type Result } from '../../../broker/contract/result.ts'
import {
  receivedEnvelope,
  valveReport,
  type Envelope,
  type Fields,
  type ForeignMessage,
  type ValveReport,
} from '../foreign-message.ts'
import { isClockSet, messageTime, parseInstant } from '../message-time.ts'
import { isFields, readJsonFields, readText } from './json-fields.ts'

const TOPIC = /^(?<prefix>tele|stat)\/(?<topic>[^/+#]{1,100})\/(?<kind>SENSOR|STATE|LWT|RESULT|POWER\d{0,2})$/

/** The envelope of a message of a device; null: a command or another status. */
export function readTasmota(message: ForeignMessage): Result<Envelope | null> {
  const match = TOPIC.exec(message.topic)
  if (match === null) return ok(null)
  const { topic, kind } = match.groups as { topic: string; kind: string }
  const arrived: Envelope = {
    ...receivedEnvelope(message, `tas:${topic}`),
    name: topic,
  }
  if (kind === 'LWT' || kind.startsWith('POWER')) {
    const text = readText(message.payload)
    if (!text.ok) return text
    return ok(
      kind === 'LWT'
        ? { ...arrived, isOnline: text.value === 'Online' ? true : text.value === 'Offline' ? false : null }
        : { ...arrived, valves: relayStates({ [kind]: text.value }) },
    )
  }
  const fields = readJsonFields(message.payload)
  if (!fields.ok) return fields
  if (kind === 'RESULT') return ok({ ...arrived, valves: relayStates(fields.value) })
  const { Epoch: epoch, Time: time } = fields.value
  const mark = ownMark(epoch, time) ?? message.receivedMs
  return ok({
    ...arrived,
    ...messageTime(typeof epoch === 'number' ? epoch * 1000 : null, message.receivedMs, 'payload'),
    dedupeKey: `tas:${topic}:${kind}:${mark}`,
    valves: relayStates(fields.value),
    fields: kind === 'SENSOR' ? sensorFields(fields.value) : null,
    units: kind === 'SENSOR' ? sensorUnits(fields.value) : {},
  })
}

/** What tells repeats apart: seconds, or the local time, which has no zone; null: its clock has not been set. */
function ownMark(epoch: unknown, time: unknown): number | string | null {
  if (typeof epoch === 'number') return isClockSet(epoch * 1000) ? epoch : null
  const ms = typeof time === 'string' ? parseInstant(`${time}Z`) : null
  return ms !== null && isClockSet(ms) ? (time as string) : null
}

/** `POWER` or `POWER1` is the first relay. */
function relayStates(fields: Fields): ValveReport[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const relay = /^POWER(?<number>\d{0,2})$/.exec(name)
    if (relay === null || (value !== 'ON' && value !== 'OFF')) return []
    const number = relay.groups!.number === '' ? 1 : Number(relay.groups!.number)
    return [valveReport(`V${number}`, value === 'ON' ? 'open' : 'closed')]
  })
}

/** One-wire sensors by their Id: `DS18B20-2` becomes another sensor when one is added. */
function sensorFields(fields: Fields): Fields {
  const byId: Record<string, unknown> = {}
  for (const sensor of Object.values(fields))
    if (isFields(sensor) && typeof sensor.Id === 'string') byId[sensor.Id] = sensor.Temperature
  return Object.keys(byId).length === 0 ? fields : { ...fields, byId }
}

/** The units of the message, for each value that has them. */
function sensorUnits(fields: Fields): Record<string, string> {
  const units: Record<string, string> = {}
  const { TempUnit: temperature, PressureUnit: pressure } = fields
  for (const [name, sensor] of Object.entries(fields)) {
    if (!isFields(sensor)) continue
    if (typeof temperature === 'string') {
      units[`${name}.Temperature`] = temperature
      if (typeof sensor.Id === 'string') units[`byId.${sensor.Id}`] = temperature
    }
    if (typeof pressure === 'string') units[`${name}.Pressure`] = pressure
  }
  return units
}
