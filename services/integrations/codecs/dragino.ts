/**
 * Dragino: frames of fixed layout, big-endian; the port determines which frame it is.
 * Format: github.com/dragino/dragino-end-node-decoder.
 */
import { err, type Result } from '../../../broker/contract/result.ts'
import { readDeviceInfo, readOldDeviceInfo } from './dragino/device-info.ts'
import { readFlow, readFlowSettings } from './dragino/flow.ts'
import { readLeaf } from './dragino/leaf.ts'
import { readSensorNode } from './dragino/sensor-node.ts'
import { readSoil } from './dragino/soil.ts'
import { readWeather } from './dragino/weather.ts'
import { modelKey, unknownModel, unknownPort, viewOf, type Fields } from './frame.ts'

/** Reads a frame, or returns what is wrong with its length or content. */
type FrameReader = (data: DataView, bytes: Uint8Array) => Result<Fields>

const datalog =
  (model: string): FrameReader =>
  () =>
    err(`fPort 3: the datalog of ${model} is not read`)

/** Frames by port. Node names are those that the maker's decoder prints. */
const models: Record<string, Record<number, FrameReader>> = {
  LSE01: { 2: readSoil('LSE01') },
  'SE01-LB': { 2: readSoil('SE01-LB'), 3: datalog('SE01-LB'), 5: readDeviceInfo('SE01-LB', 0x26) },
  LSN50v2: { 2: readSensorNode('LSN50'), 5: readOldDeviceInfo },
  'SN50v3-LB': { 2: readSensorNode('SN50_v3-LB'), 5: readDeviceInfo('SN50_v3-LB', 0x1c) },
  LLMS01: { 2: readLeaf('LLMS01') },
  'LMS01-LB': { 2: readLeaf('LMS01-LB'), 3: datalog('LMS01-LB'), 5: readDeviceInfo('LMS01-LB', 0x2d) },
  'SW3L-LB': {
    2: readFlow,
    3: datalog('SW3L-LB'),
    4: readFlowSettings,
    5: readDeviceInfo('SW3L-LB', 0x1f),
  },
  'WSC2-L': { 2: readWeather, 5: readDeviceInfo('WSC2-L', 0x2e) },
}
export const draginoModels = Object.keys(models)

const portsByModel = new Map(Object.entries(models).map(([model, ports]) => [modelKey(model), ports]))

/** The object of one frame. Many numbers are text, as the maker's decoder prints them (`"24.10"`). */
export function decodeDragino(model: string, fPort: number, bytes: Uint8Array): Result<Fields> {
  const ports = portsByModel.get(modelKey(model))
  if (ports === undefined) return unknownModel('dragino', model)
  const read = ports[fPort]
  return read === undefined ? unknownPort(model, fPort) : read(viewOf(bytes), bytes)
}
