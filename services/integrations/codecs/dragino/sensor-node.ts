/** LSN50v2 and SN50v3-LB: a node with inputs, whose work mode determines what the bytes are. */
import { ok, type Result } from '../../../../broker/contract/result.ts'
import { faultAt, truncated, trailing, type Fields } from '../frame.ts'

type NodeType = 'LSN50' | 'SN50_v3-LB'

/** The maker's names of the analogue inputs, which differ in mode 7. */
const analogNames: Record<NodeType, { first: string[]; mode7: string[] }> = {
  LSN50: { first: ['ADC_CH0V', 'ADC_CH1V', 'ADC_CH4V'], mode7: ['ADC_CH1V', 'ADC_CH4V'] },
  'SN50_v3-LB': { first: ['ADC1_V', 'ADC2_V', 'ADC3_V'], mode7: ['ADC2', 'ADC3'] },
}

interface Mode {
  name: string
  size: [least: number, most: number]
  read: (data: DataView, names: { first: string[]; mode7: string[] }) => Fields
}

const tenths = (data: DataView, at: number): number => data.getInt16(at) / 10
const volts = (data: DataView, at: number): number => data.getUint16(at) / 1000
const isNone = (data: DataView, at: number, ...none: number[]): boolean => none.includes(data.getUint16(at))
const truth = (isSet: number): string => (isSet === 0 ? 'FALSE' : 'TRUE')
const door = (isSet: number): string => (isSet === 0 ? 'OPEN' : 'CLOSE')

/** A DS18B20, or `NULL` where none is connected. */
const probe = (data: DataView, at: number): number | string =>
  isNone(data, at, 0x7fff) ? 'NULL' : tenths(data, at)

/** Air temperature and humidity; without humidity the bytes are the light of another sensor. */
const airOrLight = (data: DataView, at: number): Fields =>
  data.getUint16(at + 2) === 0 ? { Illum: data.getUint16(at) } : air(data, at)
const air = (data: DataView, at: number): Fields => ({
  TempC_SHT: isNone(data, at, 0x7fff, 0xffff) ? 'NULL' : tenths(data, at),
  Hum_SHT: isNone(data, at + 2, 0xffff) ? 'NULL' : data.getUint16(at + 2) / 10,
})

/** Battery, first probe and first input, which most modes begin with. */
const start = (data: DataView, names: { first: string[] }): Fields => ({
  BatV: volts(data, 0),
  TempC1: probe(data, 2),
  [names.first[0]!]: volts(data, 4),
})

const PERIOD_UNITS = [
  { word: 'us', perSecond: 1_000_000 },
  { word: 'ms', perSecond: 1000 },
] as const

function pulseWidth(data: DataView): Fields {
  const { word, perSecond } = PERIOD_UNITS[((data.getUint8(6) >> 1) & 1) as 0 | 1]
  const [period, high] = [data.getUint16(7), data.getUint16(9)]
  return {
    pwm_mode: word,
    Frequency: period === 0 ? 0 : Math.trunc(perSecond / period),
    Dutycycle: period === 0 ? 0 : Number(((high / period) * 100).toFixed(1)),
  }
}

const modes: Mode[] = [
  { name: 'IIC', size: [11, 11], read: (d, names) => ({ ...start(d, names), ...airOrLight(d, 7) }) },
  {
    name: 'Distance',
    size: [11, 11],
    read: (d, names) => ({
      ...start(d, names),
      Distance_cm: isNone(d, 7, 0) ? 'NULL' : d.getUint16(7) / 10,
      ...(isNone(d, 9, 0xffff) ? {} : { Distance_signal_strength: d.getUint16(9) }),
    }),
  },
  {
    name: '3ADC+IIC',
    size: [12, 12],
    read: (d, { first }) => ({
      BatV: d.getUint8(11) / 10,
      [first[0]!]: volts(d, 0),
      [first[1]!]: volts(d, 2),
      [first[2]!]: volts(d, 4),
      ...airOrLight(d, 7),
    }),
  },
  {
    name: '3DS18B20',
    size: [11, 11],
    read: (d, names) => ({ ...start(d, names), TempC2: probe(d, 7), TempC3: probe(d, 9) }),
  },
  {
    name: 'Weight',
    size: [11, 11],
    // the lower half comes first
    read: (d, names) => ({ ...start(d, names), Weight: d.getInt16(9) * 65_536 + d.getUint16(7) }),
  },
  { name: '1Count', size: [11, 11], read: (d, names) => ({ ...start(d, names), Count: d.getUint32(7) }) },
  {
    name: '3Interrupt',
    size: [9, 11],
    read: (d, names) => ({
      ...start(d, names),
      EXTI1_Trigger: truth(d.getUint8(6) & 1),
      EXTI1_Status: door(d.getUint8(6) & 0x80),
      EXTI2_Trigger: truth(d.getUint8(7) & 0x10),
      EXTI2_Status: door(d.getUint8(7) & 1),
      EXTI3_Trigger: truth(d.getUint8(8) & 0x10),
      EXTI3_Status: door(d.getUint8(8) & 1),
    }),
  },
  {
    name: '3ADC+1DS18B20',
    size: [11, 11],
    read: (d, names) => ({
      ...start(d, names),
      [names.mode7[0]!]: volts(d, 7),
      [names.mode7[1]!]: volts(d, 9),
    }),
  },
  {
    name: '3DS18B20+2Count',
    size: [17, 17],
    read: (d) => ({
      BatV: volts(d, 0),
      TempC1: probe(d, 2),
      TempC2: probe(d, 4),
      TempC3: probe(d, 7),
      Count1: d.getUint32(9),
      Count2: d.getUint32(13),
    }),
  },
  { name: 'PWM', size: [11, 11], read: (d, names) => ({ ...start(d, names), ...pulseWidth(d) }) },
  {
    name: 'TMP117',
    size: [9, 11],
    read: (d, names) => ({
      ...start(d, names),
      TempC_tmp117: isNone(d, 7, 0x7fff) ? 'NULL' : d.getInt16(7) / 100,
    }),
  },
  {
    // the bytes of probe and input hold the air sensor
    name: 'Count+SHT31',
    size: [11, 11],
    read: (d) => ({ BatV: volts(d, 0), ...air(d, 2), Count: d.getUint32(7) }),
  },
]
/** Modes from 9 on are those of the newer node. */
const modeCount: Record<NodeType, number> = { LSN50: 9, 'SN50_v3-LB': modes.length }

const withoutInput = new Set([2, 6, 7, 8])
const withoutTrigger = new Set([5, 6])
const FLAGS = 6

export const readSensorNode =
  (nodeType: NodeType) =>
  (data: DataView, bytes: Uint8Array): Result<Fields> => {
    if (bytes.length <= FLAGS) return truncated(0, 'sensor frame', 11, bytes)
    const flags = data.getUint8(FLAGS)
    const number = (flags >> 2) & 0x1f
    const mode = number < modeCount[nodeType] ? modes[number] : undefined
    if (mode === undefined) return faultAt(FLAGS, `${nodeType} has no documented work mode ${number}`)
    const [least, most] = mode.size
    if (bytes.length < least) return truncated(0, `mode ${mode.name}`, least, bytes)
    if (bytes.length > most) return trailing(most, bytes.subarray(most))
    return ok({
      ...(nodeType === 'LSN50' || !withoutInput.has(number)
        ? { Digital_IStatus: (flags & 2) === 0 ? 'L' : 'H' }
        : {}),
      ...(withoutTrigger.has(number)
        ? {}
        : { EXTI_Trigger: truth(flags & 1), Door_status: door(flags & 0x80) }),
      Work_mode: mode.name,
      ...mode.read(data, analogNames[nodeType]),
      Node_type: nodeType,
    })
  }
