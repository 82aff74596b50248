/**
 * Milesight: a frame is a row of channels, each an id, a type and a value in little-endian order. What an id means
 * depends on the model. Replies to settings have the id fe or ff. Format: github.com/Milesight-IoT/SensorDecoders.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { faultAt, hexOf, modelKey, trailing, truncated, unknownModel, viewOf, type Fields } from './frame.ts'
import { channelKey, type Channel } from './milesight/channel.ts'
import { emModels } from './milesight/em.ts'
import { attributes, type Model } from './milesight/model.ts'
import { uc300Models } from './milesight/uc300.ts'
import { uc501Models } from './milesight/uc501.ts'
import { valveModels } from './milesight/valves.ts'
import { weatherModels } from './milesight/weather.ts'

const models: Record<string, Model> = {
  ...emModels,
  ...weatherModels,
  ...valveModels,
  ...uc501Models,
  ...uc300Models,
}
export const milesightModels = Object.keys(models)

const modelsByKey = new Map(Object.entries(models).map(([name, model]) => [modelKey(name), model]))

/** All channels of a frame in one object; history is a list with `timestamp` in UTC seconds. The port is the farm's choice. */
export function decodeMilesight(name: string, _fPort: number, bytes: Uint8Array): Result<Fields> {
  const model = modelsByKey.get(modelKey(name))
  if (model === undefined) return unknownModel('milesight', name)
  if (bytes.length === 0) return err('frame: expected bytes, got none')
  const fields: Fields = {}
  let at = 0
  while (at < bytes.length) {
    if (at + 1 === bytes.length) return trailing(at, bytes.subarray(at))
    const [id, type] = [bytes[at]!, bytes[at + 1]!]
    const what = `channel ${hexOf(bytes.subarray(at, at + 2))} of ${name}`
    const rest = bytes.subarray(at + 2)
    const channel = channelOf(model, id, type)
    if (channel === undefined) return faultAt(at, `${what} is unknown (${hexOf(rest)} follows)`)
    const size = channel.size(viewOf(rest))
    if (!size.ok) return faultAt(at, `${what}: ${size.error}`)
    if (size.value > rest.length) return truncated(at, what, size.value, rest)
    add(fields, channel.read(viewOf(rest, 0, size.value)))
    at += 2 + size.value
  }
  return ok(fields)
}

const isReply = (id: number): boolean => id === 0xfe || id === 0xff

const channelOf = (model: Model, id: number, type: number): Channel | undefined =>
  attributes.get(channelKey(id, type)) ??
  model.channels.get(channelKey(id, type)) ??
  (isReply(id) ? model.replies.get(type) : undefined)

/** Adds what a channel holds. Lists grow; of two values the later stays, as in the maker's decoder. */
function add(fields: Fields, more: Fields): void {
  for (const [name, value] of Object.entries(more)) {
    const before = fields[name]
    fields[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value
  }
}
