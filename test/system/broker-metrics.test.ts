/** Rejections and delays of the broker are counted at /metrics, by kind. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { topicOf } from '../../broker/contract/topics.ts'
import { brokerCounters } from '../../broker/access/session.ts'
import { mqttJs } from './interop-speakers.ts'
import { setUpFarm, type Farm } from './farm.ts'

let farm: Farm
beforeAll(async () => void (farm = await setUpFarm({ MQTT_LIMITS: 'first-delay=1,longest-delay=1' })))
afterAll(() => farm.stop())

const metrics = async (): Promise<string> => (await fetch(`${farm.url}/metrics`)).text()
const countOf = (text: string, kind: string): number | null => {
  const line = new RegExp(`^tilth_broker_total\\{kind="${kind}"\\} (\\d+)$`, 'm').exec(text)
  return line ? Number(line[1]) : null
}

it('every count of the broker has its line, as have the connected and waiting clients and the lag', async () => {
  const text = await metrics()
  for (const kind of Object.keys(brokerCounters())) expect(countOf(text, kind), kind).not.toBeNull()
  for (const gauge of ['tilth_devices_connected', 'tilth_connections_waiting', 'tilth_broker_lag_ms'])
    expect(text).toMatch(new RegExp(`^${gauge} [\\d.e-]+$`, 'm'))
})

it('a rejection is counted by its kind', async () => {
  const metricsBefore = await metrics()
  const { id, secret } = farm.controller
  const connection = { url: `mqtt://127.0.0.1:${farm.tilth.mqttPort}`, ca: null, id, secret }
  const telemetry = {
    topic: topicOf(farm.org, id, 'telemetry'),
    payload: '{}',
    qos: 1,
    retain: false,
  } as const
  await mqttJs({ ...connection, secret: 'guess' }).publish(telemetry)
  await mqttJs(connection).publish({ ...telemetry, topic: topicOf(farm.org, 'another', 'telemetry') })
  await mqttJs(connection).publish({ ...telemetry, payload: 'x'.repeat(200_000) })
  await expect(mqttJs(connection).listen(['#'])).rejects.toThrow()
  const socket = connect(farm.tilth.mqttPort!, '127.0.0.1')
  socket.on('error', () => {})
  socket.end('GET / HTTP/1.1\r\n\r\n')
  await once(socket.resume(), 'close')
  const metricsAfter = await metrics()
  const increase = (kind: string) => countOf(metricsAfter, kind)! - countOf(metricsBefore, kind)!
  for (const kind of [
    'signInsFailed',
    'publishesRefused',
    'packetsOversize',
    'subscribesRefused',
    'streamsMalformed',
  ])
    expect(increase(kind), kind).toBe(1)
  expect(increase('connectsAccepted')).toBe(3)
  expect(increase('connectionsAccepted')).toBe(5)
})
