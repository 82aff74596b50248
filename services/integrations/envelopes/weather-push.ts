/** Weather stations that push: the protocols of Ecowitt (form) and Weather Underground (query). */
import { createHash } from 'node:crypto'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { envelope, type Envelope, type Fields, type ForeignMessage } from '../foreign-message.ts'
import { isClockSet, messageTime, parseInstant } from '../message-time.ts'
import { excerpt, readText, textOrNull } from './json-fields.ts'

const MAX_BYTES = 8192
const MAX_FIELDS = 400

/** A form of an Ecowitt console. Its key identifies the console; it is no secret, and only its hash is kept. */
export function readEcowitt(message: ForeignMessage): Result<Envelope | null> {
  const form = readForm(message.payload)
  if (!form.ok) return form
  const { PASSKEY: key, dateutc, model } = form.value
  if (typeof key !== 'string' || key === '')
    return err('PASSKEY: expected the key of the console, got nothing')
  const address = `eco:${createHash('sha256').update(key).digest('hex').slice(0, 8)}`
  return withTime(message, address, dateutc, form.value, textOrNull(model))
}

/** A query of a station in the protocol of Weather Underground. */
export function readWunderground(message: ForeignMessage): Result<Envelope | null> {
  const form = readForm(message.payload)
  if (!form.ok) return form
  const { ID: id, dateutc, softwaretype } = form.value
  if (typeof id !== 'string' || !/^[\w-]{1,60}$/.test(id))
    return err(`ID: expected the name of the station, got ${excerpt(id)}`)
  return withTime(message, `wu:${id}`, dateutc, form.value, textOrNull(softwaretype))
}

function withTime(
  message: ForeignMessage,
  address: string,
  dateutc: unknown,
  fields: Fields,
  model: string | null,
): Result<Envelope> {
  const text = typeof dateutc === 'string' ? `${dateutc.replace(' ', 'T')}Z` : ''
  const ownMs = parseInstant(text)
  if (ownMs === null && dateutc !== 'now' && dateutc !== undefined)
    return err(`dateutc: expected a time such as 2026-07-06 05:20:00 or now, got ${excerpt(dateutc)}`)
  return ok({
    ...envelope({
      address,
      dedupeKey: `${address}:${ownMs !== null && isClockSet(ownMs) ? text : message.receivedMs}`,
      ...messageTime(ownMs, message.receivedMs, 'payload'),
    }),
    hints: { model, brand: null },
    // who sends it: its secret and identity are not fields
    fields: Object.fromEntries(
      Object.entries(fields).filter(([name]) => name !== 'PASSKEY' && name !== 'PASSWORD'),
    ),
  })
}

function readForm(payload: Uint8Array): Result<Fields> {
  if (payload.length > MAX_BYTES)
    return err(`payload: expected at most ${MAX_BYTES} bytes, got ${payload.length}`)
  const text = readText(payload)
  if (!text.ok) return text
  const entries = [...new URLSearchParams(text.value.trim())]
  return entries.length <= MAX_FIELDS
    ? ok(Object.fromEntries(entries))
    : err(`payload: expected at most ${MAX_FIELDS} fields, got ${entries.length}`)
}
