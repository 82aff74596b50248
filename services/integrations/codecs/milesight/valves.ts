/** UC511 and UC512: two solenoid valves, each with a pulse counter or a switch, and a pipe pressure sensor. */
import { err, ok } from '../../../../broker/contract/result.ts'
import type { Fields } from '../frame.ts'
import {
  channel,
  channelTable,
  choice,
  history,
  passed,
  u16,
  u32,
  value,
  wordOf,
  type Channel,
  type Part,
} from './channel.ts'
import { battery, enabled, onOff, replies, type Model } from './model.ts'

const positions = ['close', 'open']

/** The position of a valve; ff is an order that failed. */
const valve = (name: string): Channel =>
  channel({
    size: 1,
    read: (data, at) => {
      const position = data.getUint8(at)
      return position === 0xff ? { [`${name}_result`]: 'failed' } : { [name]: wordOf(positions, position) }
    },
  })

/** A stored state. Bit 4 shows which valve, bit 1 whether its input is a switch (bit 2) or a counter. */
const storedState: Part = {
  size: 5,
  read: (data, at) => {
    const bits = data.getUint8(at)
    const index = (bits >> 4) & 1 ? 2 : 1
    const isSwitch = ((bits >> 1) & 1) === 1
    return {
      mode: isSwitch ? 'gpio' : 'counter',
      [`valve_${index}`]: positions[bits & 1],
      ...(isSwitch
        ? { [`gpio_${index}`]: onOff[(bits >> 2) & 1] }
        : { [`valve_${index}_pulse`]: data.getUint32(at + 1, true) }),
    }
  },
}

const TIME = 0x80
const PULSES = 0x40
const SPECIAL = 0x18 // a task of the rain stop

/**
 * The valve task that the device repeats: control, sequence, and how long. An order has 24-bit seconds and 32-bit
 * pulses, of which the unused is 0. The published decoders also read forms that hold only what the control byte announces.
 * The bytes that are left tell the forms apart, so a task must be the last channel of its frame.
 */
const valveTask: Channel = {
  size: (rest) => {
    if (rest.byteLength < 2) return ok(2)
    return bounds(rest) === null
      ? err(`a valve task does not end with ${rest.byteLength - 2} bytes after its sequence`)
      : ok(rest.byteLength)
  },
  read: (data) => {
    const control = data.getUint8(0)
    const index = control & 7
    const enable = (bit: number) => ((control & bit) === 0 ? 'disable' : 'enable')
    const task: Fields = {
      time_rule_enable: enable(TIME),
      pulse_rule_enable: enable(PULSES),
      valve_status: positions[(control >> 5) & 1],
      sequence_id: data.getUint8(1),
      ...bounds(data),
    }
    return { [index === 7 ? 'valve_all_task' : `valve_${index + 1}_task`]: task }
  },
}

const u24 = (data: DataView, at: number): number => data.getUint16(at, true) + data.getUint8(at + 2) * 65_536

/** What ends the task, or null if the bytes are of no published form. */
function bounds(data: DataView): Fields | null {
  const control = data.getUint8(0)
  const left = data.byteLength - 2
  const [isTimed, isCounted] = [(control & TIME) !== 0, (control & PULSES) !== 0]
  const special = (control & SPECIAL) !== 0
  if (special && left === 8) return { duration: data.getUint32(2, true), start_time: data.getUint32(6, true) }
  if (special) return null
  if (left === 7) {
    const [duration, pulses] = [u24(data, 2), data.getUint32(5, true)]
    if ((!isTimed && duration !== 0) || (!isCounted && pulses !== 0)) return null
    return { ...(isTimed ? { duration } : {}), ...(isCounted ? { valve_pulse: pulses } : {}) }
  }
  if (left === 4 && isTimed) return { duration: data.getUint32(2, true) }
  if (left === 4 && isCounted) return { valve_pulse: data.getUint32(2, true) }
  if (left === 3 && isTimed && !isCounted) return { duration: u24(data, 2) }
  return left === 0 && !isTimed && !isCounted ? {} : null
}

/** A part whose fields lie in an object of their own. */
const inside = (name: string, ...parts: Part[]): Channel => {
  const whole = channel(...parts)
  return { size: whole.size, read: (data) => ({ [name]: whole.read(data) }) }
}

const taskStatus = (name: string): Channel =>
  inside(
    name,
    choice('task_status', [
      'free task',
      'normal local plan',
      'force local plan',
      'rain stop plan',
      'IPSO temporary control plan',
    ]),
    choice('real_status', ['valve is currently closed', 'valve is currently open']),
    choice('cmd_status', ['valve is currently commanded to close', 'valve is currently commanded to open']),
  )

const pressureAlarm = inside(
  'pressure_threshold_alarm',
  choice('valve_strategy', ['always', 'valve 1 open', 'valve 2 open', 'valve 1 open or valve 2 open']),
  choice('threshold_type', ['none', 'less than', 'greater than', 'between', 'outside']),
  value('threshold_min', u16),
  value('threshold_max', u16),
  value('current_pressure', u16),
  choice('alarm_status', ['release alarm', 'trigger alarm']),
)

const text: Channel = {
  size: (rest) => ok(rest.byteLength),
  read: (data) => {
    let message = ''
    for (let at = 0; at < data.byteLength; at++)
      if (data.getUint8(at) !== 0) message += String.fromCharCode(data.getUint8(at))
    return { custom_message: message }
  },
}

const valvePulse = channel({
  size: 5,
  read: (data, at) => ({ [`valve_${data.getUint8(at)}_pulse`]: data.getUint32(at + 1, true) }),
})

const model: Model = {
  channels: channelTable(
    battery,
    [0x03, 0x01, valve('valve_1')],
    [0x05, 0x01, valve('valve_2')],
    [0x04, 0xc8, channel(value('valve_1_pulse', u32))],
    [0x06, 0xc8, channel(value('valve_2_pulse', u32))],
    [0x07, 0x01, channel(choice('gpio_1', onOff))],
    [0x08, 0x01, channel(choice('gpio_2', onOff))],
    [0x09, 0x7b, channel(value('pressure', u16))], // kPa
    [0xb9, 0x7b, channel(choice('pressure_sensor_status', { 1: 'sensor error' }))],
    [0x0b, 0xf5, pressureAlarm],
    [0x0e, 0xaf, taskStatus('valve_1_task_status')],
    [0x0f, 0xaf, taskStatus('valve_2_task_status')],
    [0xf8, 0xa5, passed(2)], // answers to questions about tasks and plans
    [0xf8, 0xaf, passed(3)],
    [0xf9, 0xa7, passed(3)],
    [0xff, 0x12, text],
    [0x20, 0xce, history(storedState)],
    [0x21, 0xce, history(value('pressure', u16))],
  ),
  replies: replies(
    [0x02, 0x03, 0x17, 0x27, 0x28, 0x35, 0x4a, 0x68, 0x69, 0x6a, 0x84],
    [
      [0x1d, valveTask],
      [0x1e, channel(value('class_a_response_time', u32))],
      [0x3b, passed(1)], // how the clock is set
      [0x46, passed(1)],
      [0x4b, passed(3)], // rules
      [0x4c, passed(1)],
      [0x4d, passed(6)],
      [0x4e, passed(2)], // counter set to zero
      [0x4f, passed(5)], // power of the solenoid
      [0x52, passed(4)], // pulse filter
      [0x92, valvePulse],
      [0xab, passed(3)], // calibration
      [0xf3, enabled('response_enable')],
    ],
  ),
}

export const valveModels: Record<string, Model> = { UC511: model, UC512: model }
