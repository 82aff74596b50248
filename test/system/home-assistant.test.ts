/**
 * Fields in Home Assistant: a complete Tilth with a simulated controller, a real Mosquitto, and a client that behaves as
 * Home Assistant does on the wire.
 */
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { addDays, dayOf, systemClock } from '../../broker/contract/time.ts'
import { startController, type Controller } from '../../firmware-sim/devices/controller.ts'
import { normals, weatherFromNormals } from '../../firmware-sim/weather/weather-normals.ts'
import { weatherAt } from '../../firmware-sim/weather/weather.ts'
import { createWorld } from '../../firmware-sim/world.ts'
import { publishChange } from '../../services/runtime/change-events.ts'
import { integrationRow } from '../support/integration-row.ts'
import { startOpenMosquitto } from '../support/mosquitto.ts'
import { setUpFarm, type Farm } from './farm.ts'

let farm: Farm
let controller: Controller
let mosquitto: Awaited<ReturnType<typeof startOpenMosquitto>>
let url: string
let homeAssistant: MqttClient
const retained = new Map<string, string>()

beforeEach(async () => {
  mosquitto = await startOpenMosquitto()
  url = mosquitto.url
  farm = await setUpFarm()
  controller = await startController({
    credentials: { ...farm.controller, org: farm.org },
    url: `mqtt://127.0.0.1:${farm.tilth.mqttPort}`,
    clock: systemClock,
    world: soybeanWorld(),
    seed: '1',
    sampleS: 60,
    litresPerPulse: 1,
    master: null,
    valves: [{ id: 'V1', field: 'f', ratedLpm: 160 }],
  })
  retained.clear()
  homeAssistant = mqtt.connect(url, { protocolVersion: 4, reconnectPeriod: 50 })
  homeAssistant.on('message', (topic, payload) => {
    if (payload.length === 0) retained.delete(topic)
    else retained.set(topic, payload.toString())
  })
  await homeAssistant.subscribeAsync(['homeassistant/device/+/config', 'tilth-ha/#'], { qos: 1 })
})
afterEach(async () => {
  await homeAssistant.endAsync(true)
  await controller.stop()
  await farm.stop()
  await mosquitto.stop()
})

function soybeanWorld() {
  const { site } = normals['rice-plain']!
  const startMs = Date.now()
  const firstDay = addDays(dayOf(startMs, site.timeZone), -1)
  return createWorld({
    weather: weatherAt(weatherFromNormals('rice-plain', firstDay, '1'), site, '1'),
    fields: [{ id: 'f', kind: 'upland', areaM2: 1200, crop: 'soybean', plantedDay: firstDay, soil: 'loam' }],
    startMs,
    seed: '1',
  })
}

/** Adds the integration, as an administrator does. */
async function publishTo(options: { mayOpenValves: boolean }): Promise<void> {
  const { state, bus } = farm.tilth
  await state.deleteFrom('integration').where('id', '=', 'ha').execute()
  const homeAssistantOptions = JSON.stringify({ base: 'tilth-ha', ...options }) as never
  const row = {
    id: 'ha',
    org: farm.org,
    kind: 'home-assistant',
    url,
    homeAssistant: homeAssistantOptions,
  } as const
  await state.insertInto('integration').values(integrationRow(row)).execute()
  await publishChange(bus, farm.org, { event: 'device', atMs: Date.now() })
}

const received = (topic: string): unknown => {
  const text = retained.get(topic)
  return text?.startsWith('{') ? (JSON.parse(text) as unknown) : text
}
const within = { timeout: 15_000, interval: 50 }
const configTopic = () => `homeassistant/device/tilth_${farm.fieldId}/config`

it('describes the field, its state and its valve; is offline when it stops', async () => {
  await publishTo({ mayOpenValves: false })
  await vi.waitFor(() => expect(received('tilth-ha/status')).toBe('online'), within)
  expect(received(configTopic())).toMatchObject({
    dev: { name: 'North 3', ids: [`tilth_${farm.fieldId}`] },
    cmps: { valve_ctl_one_v1: { p: 'valve', state_topic: 'tilth-ha/valve/ctl-one/V1' } },
  })
  expect(retained.get(configTopic())).not.toContain('command_topic')
  expect(received(`tilth-ha/field/${farm.fieldId}`)).toMatchObject({ status: 'unknown', water_left: null })
  await vi.waitFor(() => expect(received('tilth-ha/valve/ctl-one/V1')).toEqual({ pos: 'closed' }), within)

  // not allowed: the valve stays closed
  await homeAssistant.publishAsync('tilth-ha/valve/ctl-one/V1/set', 'OPEN', { qos: 1 })

  // Home Assistant starts again and asks for everything
  const described = received(configTopic())
  retained.clear()
  await homeAssistant.publishAsync('homeassistant/status', 'online', { qos: 1 })
  await vi.waitFor(() => expect(received(configTopic())).toEqual(described), within)

  const requests = await farm.tilth.state.selectFrom('request').selectAll().execute()
  expect(requests).toEqual([])
  expect(controller.isOpen('V1')).toBe(false)

  await farm.tilth.state.updateTable('integration').set({ state: 'off' }).execute()
  await publishChange(farm.tilth.bus, farm.org, { event: 'device', atMs: Date.now() })
  await vi.waitFor(() => expect(received('tilth-ha/status')).toBe('offline'), within)
})

it('opens and closes the valve where it is allowed, as the author of the request', async () => {
  await publishTo({ mayOpenValves: true })
  await vi.waitFor(() => expect(received('tilth-ha/valve/ctl-one/V1')).toEqual({ pos: 'closed' }), within)
  const command = (payload: string) =>
    homeAssistant.publishAsync('tilth-ha/valve/ctl-one/V1/set', payload, { qos: 1 })
  await command('OPEN')
  await command('OPEN')
  await vi.waitFor(() => expect(controller.isOpen('V1')).toBe(true), within)
  await vi.waitFor(() => expect(received('tilth-ha/valve/ctl-one/V1')).toEqual({ pos: 'open' }), within)
  await command('CLOSE')
  await vi.waitFor(() => expect(controller.isOpen('V1')).toBe(false), within)
  await vi.waitFor(() => expect(received('tilth-ha/valve/ctl-one/V1')).toEqual({ pos: 'closed' }), within)
  const requests = await farm.tilth.state.selectFrom('request').selectAll().orderBy('atMs').execute()
  expect(requests).toMatchObject([
    { kind: 'start', actor: 'home-assistant', minutes: 30, state: 'accepted' },
    { kind: 'stop', actor: 'home-assistant', state: 'accepted' },
  ])
})

it('removes a field that was described before its last start and is gone', async () => {
  await homeAssistant.publishAsync(
    'homeassistant/device/tilth_gone/config',
    JSON.stringify({
      availability: [{ topic: 'tilth-ha/status' }],
      cmps: { problem: { p: 'binary_sensor' } },
    }),
    { retain: true, qos: 1 },
  )
  await homeAssistant.publishAsync(
    'homeassistant/device/tilth_other/config',
    JSON.stringify({ availability: [{ topic: 'other/status' }], cmps: {} }),
    { retain: true, qos: 1 },
  )
  await publishTo({ mayOpenValves: false })
  await vi.waitFor(() => expect(received(configTopic())).toBeDefined(), within)
  await vi.waitFor(() => expect(retained.has('homeassistant/device/tilth_gone/config')).toBe(false), within)
  expect(retained.has('homeassistant/device/tilth_other/config')).toBe(true)
})
