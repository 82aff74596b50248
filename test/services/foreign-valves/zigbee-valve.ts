/**
 * A valve behind Zigbee2MQTT (Sonoff SWV; with another model a GiEX QT06_2), as it speaks on the wire, over a real MQTT client of a gateway: its own timer closes it.
 * What may go wrong with the radio can be switched on.
 */
import mqtt, { type MqttClient } from 'mqtt'
import type { Clock } from '../../../broker/contract/time.ts'
import { disableNagle } from '../../../firmware-sim/devices/link.ts'

export const VALVE = 'north valve'
const ROOT = 'zigbee2mqtt'

export interface ZigbeeValve {
  connect(): Promise<void>
  disconnect(): Promise<void>
  /** each time that it was open, ms of the clock */
  openings: { openedMs: number; closedMs: number | null; onTimeS: number }[]
  /** commands as they came: `set {...}` */
  commands: string[]
  isOpen(): boolean
  radio: {
    /** commands to the valve that the radio loses */
    losesCommands: boolean
    /** reports of the valve that the radio loses */
    losesReports: boolean
    /** each report comes twice */
    doubles: boolean
    delayMs: number
    /** its own timer does not close it */
    staysOpen: boolean
    /** the duration that it repeats is this many times the one it was sent */
    repeatsTimes: number
    ignoresClose: boolean
  }
  flowLpm: number
  version: string
  model: string
  openByHand(): void
  /** Reports its state now. */
  report(): void
  sent(): number
  received(): number
  settled(): Promise<void>
}

export function makeZigbeeValve(
  clock: Clock,
  port: () => number,
  account: { username: string; password: string },
): ZigbeeValve {
  let client: MqttClient | null = null
  let sent = 0
  let received = 0
  let cancelTimer = () => {}
  let duration = 0
  const fields: Record<string, unknown> = {}
  const leaving = new Set<Promise<unknown>>()
  const openings: ZigbeeValve['openings'] = []
  const isOpen = () => openings.at(-1)?.closedMs === null

  function publish(topic: string, payload: object | string, retain = false): void {
    if (!client?.connected) return
    sent++
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    const left = client
      .publishAsync(`${ROOT}/${topic}`, text, { qos: 1, retain })
      .catch(() => sent--)
      .finally(() => leaving.delete(left))
    leaving.add(left)
  }
  const later = (run: () => void) => void clock.at(clock.now() + self.radio.delayMs, run)

  function report(): void {
    if (self.radio.losesReports) return
    later(() => {
      for (let copies = self.radio.doubles ? 2 : 1; copies > 0; copies--)
        publish(VALVE, {
          state: isOpen() ? 'ON' : 'OFF',
          flow: isOpen() ? (self.flowLpm * 60) / 1000 : 0,
          cyclic_timed_irrigation: {
            current_count: 1,
            total_number: 1,
            irrigation_duration: duration * self.radio.repeatsTimes,
            irrigation_interval: 0,
          },
          battery: 90,
          ...fields,
        })
    })
  }
  function open(seconds: number): void {
    duration = seconds
    if (!isOpen()) openings.push({ openedMs: clock.now(), closedMs: null, onTimeS: seconds })
    cancelTimer()
    // a repeated ON starts the timer again
    if (!self.radio.staysOpen) cancelTimer = clock.at(clock.now() + seconds * 1000, close)
    report()
  }
  function close(): void {
    cancelTimer()
    if (isOpen()) openings.at(-1)!.closedMs = clock.now()
    report()
  }
  function take(topic: string, text: string): void {
    received++
    const what = topic.split('/').at(-1)!
    if (topic !== `${ROOT}/${VALVE}/${what}`) return
    self.commands.push(`${what} ${text}`)
    if (self.radio.losesCommands) return
    const body = JSON.parse(text) as { state?: string; on_time?: number } & Record<string, unknown>
    later(() => {
      if (what === 'get') report()
      else if (body.state === 'ON') open(body.on_time ?? Number(fields['irrigation_target'] ?? 600))
      else if (body.state === 'OFF' && !self.radio.ignoresClose) close()
      else if (body.state === undefined) {
        Object.assign(fields, body)
        report()
      }
    })
  }

  const self: ZigbeeValve = {
    openings,
    commands: [],
    isOpen,
    radio: {
      losesCommands: false,
      losesReports: false,
      doubles: false,
      delayMs: 300,
      staysOpen: false,
      repeatsTimes: 1,
      ignoresClose: false,
    },
    flowLpm: 48,
    version: '2.14.1',
    model: 'SWV',
    openByHand: () => open(600),
    report,
    async connect() {
      client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port()}`, {
        clientId: 'mqttjs_z2m',
        ...account,
        protocolVersion: 4,
        clean: true,
        keepalive: 300,
        reconnectPeriod: 0,
      })
      disableNagle(client)
      client.on('message', (topic, payload) => take(topic, payload.toString()))
      await client.subscribeAsync(`${ROOT}/#`, { qos: 0 })
      publish('bridge/state', '{"state":"online"}', true)
      publish('bridge/info', { version: self.version, commit: 'x', coordinator: { type: 'EZSP' } }, true)
      const definition = {
        model: self.model,
        vendor: 'SONOFF',
        exposes: [{ type: 'numeric', name: 'flow', property: 'flow', unit: 'm³/h' }],
      }
      publish('bridge/devices', [{ friendly_name: VALVE, ieee_address: '0x1', definition }], true)
    },
    async disconnect() {
      const gone = client
      client = null
      await Promise.all(leaving)
      await gone?.endAsync(true)
    },
    sent: () => sent,
    received: () => received,
    settled: async () => void (await Promise.all(leaving)),
  }
  return self
}
