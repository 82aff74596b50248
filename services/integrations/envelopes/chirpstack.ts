/** ChirpStack v4: `application/{application}/device/{devEui}/event/{event}` (JSON of its integration events). */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { envelope, type Battery, type Envelope, type ForeignMessage } from '../foreign-message.ts'
import { messageTime, parseInstant } from '../message-time.ts'
import { excerpt, isFields, readJsonFields, textOrNull } from './json-fields.ts'
import {
  bestSignal,
  frameBytes,
  frameCounter,
  isDeviceAddress,
  lorawanAddress,
  placeOf,
  uplinkKey,
} from './lorawan.ts'

const TOPIC = /^application\/[\w-]{1,64}\/device\/(?<devEui>[0-9a-fA-F]{16})\/event\/(?<event>\w{1,20})$/

const READ = new Set(['up', 'join', 'status', 'location'])

/** The envelope of an uplink, join, status or location event; null: an event without anything to read. */
export function readChirpstack(message: ForeignMessage): Result<Envelope | null> {
  const topic = TOPIC.exec(message.topic)
  if (topic === null) return ok(null)
  const { devEui, event } = topic.groups as { devEui: string; event: string }
  if (!READ.has(event)) return ok(null)
  const fields = readJsonFields(message.payload)
  if (!fields.ok) return fields
  const { deviceInfo, devAddr, deduplicationId } = fields.value
  if (!isFields(deviceInfo)) return err(`deviceInfo: expected an object, got ${excerpt(deviceInfo)}`)
  const address = lorawanAddress(deviceInfo.devEui)
  if (address === null || address !== lorawanAddress(devEui))
    return err(
      `identity: deviceInfo.devEui: expected ${devEui} as in the topic, got ${excerpt(deviceInfo.devEui)}`,
    )
  const time = messageTime(parseInstant(fields.value.time), message.receivedMs, 'server')
  const named = (dedupeKey: string): Envelope => ({
    ...envelope({ address, dedupeKey, ...time }),
    name: textOrNull(deviceInfo.deviceName),
    hints: { model: textOrNull(deviceInfo.deviceProfileName), brand: null },
    signal: bestSignal(fields.value.rxInfo),
    place: placeOf(fields.value.location),
  })
  if (event !== 'up') {
    if (typeof deduplicationId !== 'string' || deduplicationId.length > 64)
      return err(`deduplicationId: expected a text, got ${excerpt(deduplicationId)}`)
    const key = `cs:${deduplicationId}`
    return ok(
      event === 'join'
        ? { ...named(key), session: isDeviceAddress(devAddr) ? { deviceAddress: devAddr } : null }
        : { ...named(key), batteries: statusBattery(fields.value.batteryLevel) },
    )
  }
  const { fCnt, fPort, data, object } = fields.value
  const bytes = data === undefined ? new Uint8Array() : frameBytes(data)
  if (bytes === null) return err(`data: expected base64 of a frame, got ${excerpt(data)}`)
  const counter = frameCounter(fCnt)
  if (counter === null) return err(`fCnt: expected a whole number from 0, got ${excerpt(fCnt)}`)
  if (!isDeviceAddress(devAddr)) return err(`devAddr: expected 8 hex digits, got ${excerpt(devAddr)}`)
  return ok({
    ...named(uplinkKey(address, devAddr, counter, bytes)),
    counter,
    frame: { fPort: typeof fPort === 'number' ? fPort : 0, bytes },
    fields: isFields(object) ? object : null,
  })
}

/** Percent; 255 would be "unknown", and ChirpStack leaves it out. */
const statusBattery = (level: unknown): Battery[] =>
  typeof level === 'number' && level >= 0 && level <= 100 ? [{ value: level, unit: '%', of: null }] : []
