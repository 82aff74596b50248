/** The Things Stack v3: `v3/{application}@{tenant}/devices/{device}/{up|join}`. */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { envelope, type Envelope, type Fields, type ForeignMessage, type Place } from '../foreign-message.ts'
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

const TOPIC = /^v3\/[\w@.-]{1,120}\/devices\/(?<device>[a-z0-9-]{1,64})\/(?<event>up|join)$/

/** The envelope of an uplink or a join; null: a message without anything to read. */
export function readThingsStack(message: ForeignMessage): Result<Envelope | null> {
  const topic = TOPIC.exec(message.topic)
  if (topic === null) return ok(null)
  const fields = readJsonFields(message.payload)
  if (!fields.ok) return fields
  const { end_device_ids: ids, uplink_message: uplink, join_accept: join } = fields.value
  if (!isFields(ids)) return err(`end_device_ids: expected an object, got ${excerpt(ids)}`)
  const device = topic.groups!.device!
  if (ids.device_id !== device)
    return err(
      `identity: end_device_ids.device_id: expected ${device} as in the topic, got ${excerpt(ids.device_id)}`,
    )
  const address = lorawanAddress(ids.dev_eui)
  if (address === null)
    return err(`end_device_ids.dev_eui: expected 16 hex digits, got ${excerpt(ids.dev_eui)}`)
  if (topic.groups!.event === 'join') return readJoin(message, ids, address, join)
  if (!isFields(uplink)) return err(`uplink_message: expected an object, got ${excerpt(uplink)}`)
  const bytes = uplink.frm_payload === undefined ? new Uint8Array() : frameBytes(uplink.frm_payload)
  if (bytes === null)
    return err(`uplink_message.frm_payload: expected base64 of a frame, got ${excerpt(uplink.frm_payload)}`)
  const counter = frameCounter(uplink.f_cnt)
  if (counter === null)
    return err(`uplink_message.f_cnt: expected a whole number from 0, got ${excerpt(uplink.f_cnt)}`)
  if (!isDeviceAddress(ids.dev_addr))
    return err(`end_device_ids.dev_addr: expected 8 hex digits, got ${excerpt(ids.dev_addr)}`)
  const time = messageTime(parseInstant(uplink.received_at), message.receivedMs, 'server')
  const version = isFields(uplink.version_ids) ? uplink.version_ids : {}
  const { normalized_payload: normalized } = uplink
  return ok({
    ...envelope({ address, dedupeKey: uplinkKey(address, ids.dev_addr, counter, bytes), ...time }),
    name: device,
    hints: { model: textOrNull(version.model_id), brand: textOrNull(version.brand_id) },
    signal: bestSignal(uplink.rx_metadata),
    place: firstPlace(uplink.locations),
    counter,
    frame: { fPort: typeof uplink.f_port === 'number' ? uplink.f_port : 0, bytes },
    fields: isFields(uplink.decoded_payload) ? uplink.decoded_payload : null,
    normalized: Array.isArray(normalized)
      ? normalized.filter(isFields)
      : isFields(normalized)
        ? [normalized]
        : [],
    isSimulated: fields.value.simulated === true,
  })
}

/** By their source: the user's own first. */
function firstPlace(locations: unknown): Place | null {
  if (!isFields(locations)) return null
  const { user, ...others } = locations
  return (
    placeOf(user) ??
    Object.values(others)
      .map(placeOf)
      .find((place) => place !== null) ??
    null
  )
}

function readJoin(message: ForeignMessage, ids: Fields, address: string, join: unknown): Result<Envelope> {
  if (!isFields(join) || typeof join.session_key_id !== 'string' || join.session_key_id.length > 64)
    return err('join_accept.session_key_id: expected the key of the session, got nothing')
  return ok({
    ...envelope({
      address,
      dedupeKey: `tts:${join.session_key_id}`,
      ...messageTime(parseInstant(join.received_at), message.receivedMs, 'server'),
    }),
    name: textOrNull(ids.device_id),
    session: isDeviceAddress(ids.dev_addr) ? { deviceAddress: ids.dev_addr } : null,
  })
}
