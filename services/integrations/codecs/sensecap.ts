/**
 * SenseCAP: the S210x sensors send blocks of 7 bytes and a check sum, the S2120 weather station blocks by type.
 * Format: github.com/Seeed-Solution/SenseCAP-Decoder and TTN-Payload-Decoder.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { modelKey, truncated, trailing, faultAt, unknownModel, viewOf, type Fields } from './frame.ts'
import { weatherBlocks } from './sensecap-s2120.ts'

export const senseCapModels = ['S2101', 'S2104', 'S2105', 'S2120'] as const

const readers: Record<string, (bytes: Uint8Array) => Result<Fields[] | Fields[][]>> = {
  s2101: readSensorBlocks,
  s2104: readSensorBlocks,
  s2105: readSensorBlocks,
  s2120: readWeatherBlocks,
}

/** The object of a SenseCAP frame: `valid`, `err`, the payload as hex, and `messages`. The port does not matter. */
export function decodeSenseCap(model: string, _fPort: number, bytes: Uint8Array): Result<Fields> {
  const read = readers[modelKey(model)]
  if (read === undefined) return unknownModel('sensecap', model)
  const messages = read(bytes)
  if (!messages.ok) return messages
  return ok({ valid: true, err: 0, payload: capitalHex(bytes), messages: messages.value })
}

const BLOCK = 7
const CHECK_SUM = 2
/** Blocks that say nothing a reading needs: sensor version, times, metadata. */
const silent = new Set([1, 4, 5, 6])

/**
 * Blocks of channel, id and value, in little-endian order, and a CRC-16 behind the last. The maker's present decoders
 * do not verify the CRC, because LoRaWAN has its own integrity check; neither does this one.
 */
function readSensorBlocks(bytes: Uint8Array): Result<Fields[]> {
  const blocks = Math.floor((bytes.length - CHECK_SUM) / BLOCK)
  const left = bytes.length - CHECK_SUM - blocks * BLOCK
  if (blocks < 1) return truncated(0, 'a block and its check sum', BLOCK + CHECK_SUM, bytes)
  if (left > 0) return trailing(blocks * BLOCK, bytes.subarray(blocks * BLOCK))
  const data = viewOf(bytes)
  const messages: Fields[] = []
  let [euiLow, euiHigh] = ['', '']
  for (let at = 0; at < blocks * BLOCK; at += BLOCK) {
    const id = data.getUint16(at + 1, true)
    const reversed = () => capitalHex(bytes.slice(at + 3, at + 7).reverse())
    if (id > 4096)
      messages.push({
        type: 'report_telemetry',
        measurementId: id,
        measurementValue: data.getInt32(at + 3, true) / 1000,
      })
    else if (id === 0)
      messages.push({
        type: 'upload_version',
        hardwareVersion: `${bytes[at + 6]}.${bytes[at + 5]}`,
        softwareVersion: `${bytes[at + 4]}.${bytes[at + 3]}`,
      })
    else if (id === 2) euiLow = reversed()
    else if (id === 3) euiHigh = reversed()
    else if (id === 7)
      messages.push(
        { type: 'upload_battery', battery: data.getUint16(at + 3, true) },
        { type: 'upload_interval', interval: data.getUint16(at + 5, true) * 60 },
      )
    else if (id === 0x120) messages.push({ type: 'report_remove_sensor', channel: 1 })
    else if (!silent.has(id)) return faultAt(at, `channel ${bytes[at]} has the unknown id ${id}`)
  }
  if (euiLow !== '' && euiHigh !== '')
    messages.unshift({ type: 'upload_sensor_id', channel: 1, sensorId: euiHigh + euiLow })
  return ok(messages)
}

/** One list of messages for each block: a type, then a value whose length the type determines. */
function readWeatherBlocks(bytes: Uint8Array): Result<Fields[][]> {
  if (bytes.length === 0) return err('frame: expected bytes, got none')
  const messages: Fields[][] = []
  let at = 0
  while (at < bytes.length) {
    const type = bytes[at]!
    const block = weatherBlocks.get(type)
    const name = `block ${type.toString(16).padStart(2, '0')}`
    if (block === undefined) return faultAt(at, `${name} is unknown`)
    if (at + 1 + block.size > bytes.length) return truncated(at, name, block.size, bytes.subarray(at + 1))
    messages.push(block.read(viewOf(bytes, at + 1, block.size)))
    at += 1 + block.size
  }
  return ok(messages)
}

const capitalHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()
