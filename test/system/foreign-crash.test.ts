/**
 * What the acknowledgement of a foreign message means, over each of the four ways in: Tilth is killed right after it,
 * before the message can be decoded. Each way has a sender that knows what was acknowledged to it. `KILLS=50` for more.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashSecret } from '../../broker/access/authenticate.ts'
import { DAY_MS, MINUTE_MS } from '../../broker/contract/time.ts'
import { disableNagle } from '../../firmware-sim/devices/link.ts'
import { openSqliteSeries } from '../../services/adapters/sqlite/series.ts'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import { loadSecrets } from '../../services/config/secrets.ts'
import type { State } from '../../services/ports.ts'
import {
  toJson,
  type DeviceRow,
  type IntegrationRow,
  type UnassignedMessageRow,
} from '../../services/tables.ts'
import { closed } from '../broker/rig.ts'
import { freePort } from '../support/free-port.ts'
import { integrationRow } from '../support/integration-row.ts'
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts'
import { builtProgram } from '../support/program.ts'
import { findProgram } from '../support/require.ts'

const root = join(import.meta.dirname, '../..')
const ROUNDS = Number(process.env.KILLS ?? 3)
const PER_ROUND = 200
const TOPICS = 100 // at most 200 messages of a topic are kept
const ACL = 'user tilth\ntopic readwrite #\nuser box\ntopic readwrite #\n'
const textOf = ({ payload }: Pick<UnassignedMessageRow, 'payload'>) =>
  Buffer.from(payload, 'base64').toString()

interface Outcome {
  lost: number
  twice: number
}

/** One way into Tilth: the rows that it needs, and a round of messages until Tilth is killed. */
interface Way {
  rows(pepper: string): IntegrationRow[]
  /** Sends until `acknowledged` has grown by `count`, then kills; resolves when Tilth has ended. */
  round(of: {
    ports: { mqtt: number; http: number }
    count: number
    kill(): Promise<void>
    acknowledged: Set<string>
    state: State
  }): Promise<void>
  /** Called before the rows are stored. */
  start?(dir: string, state: State): Promise<void>
  /** The number of a message that nobody has assigned. */
  numberOf?(text: string): string
  /** Where messages are assigned: how many of the acknowledged are not stored, and how many are stored twice. */
  judge?(dir: string, acknowledged: ReadonlySet<string>): Promise<Outcome>
  stop(): Promise<void>
}

/** A gateway on the broker of Tilth: PUBACK. */
function gateway(): Way {
  let n = 0
  return {
    rows: (pepper) => [integrationRow({ farmId: null, secretHash: hashSecret('secret', pepper) })],
    async round({ ports, count, kill, acknowledged }) {
      const box = await mqtt.connectAsync(`mqtt://127.0.0.1:${ports.mqtt}`, {
        clientId: 'box',
        username: 'gateway-1',
        password: 'secret',
        reconnectPeriod: 0,
      })
      box.on('error', () => {})
      const before = acknowledged.size
      const isOver = closed(box)
      const sayNext = () => {
        const own = `${++n}`
        box.publish(`tele/${n % TOPICS}/SENSOR`, own, { qos: 1 }, (error) => {
          if (error) return
          acknowledged.add(own)
          if (acknowledged.size - before === count) void kill()
          else if (box.connected) sayNext()
        })
      }
      for (let i = 0; i < 20; i++) sayNext()
      await isOver
      box.end(true)
    },
    stop: async () => {},
  }
}

const [DEV_EUI, OTHER_EUI] = ['24e124126a148401', '0000000000000001']
const topicOf = (devEui: string) => `application/a/device/${devEui}/event/up`
const gaugeRow: DeviceRow = {
  id: 'gauge',
  org: 'coop',
  farmId: null,
  fieldId: null,
  kind: 'gauge',
  name: 'Gauge',
  secretHash: '',
  previousSecretHash: null,
  commandKey: null,
  windHeightM: null,
  everyS: 60,
  counterModulus: null,
  calibration: null,
  createdAtMs: 0,
  revokedAtMs: null,
  lastSeenMs: null,
  batteryV: null,
  batteryLowV: null,
}
/** One millimetre of rain in each message: a lost one is missing in the total, one that is stored twice is too much. */
const RAIN_PROFILE = {
  profile: 'crash-rain',
  version: 1,
  title: 'Rain of a test',
  kind: 'gauge',
  everyS: 60,
  match: { fields: ['tipMm'] },
  readings: [{ quantity: 'rain.cumulative', path: 'tipMm', unit: 'mm', delta: true }],
  source: 'test/system/foreign-crash.test.ts',
}

/**
 * The broker of ChirpStack, over MQTT 5: what is acknowledged there does not come again, what was not comes twice, and is
 * stored once.
 */
function otherBroker(): Way {
  let mosquitto: Mosquitto
  let box: MqttClient
  let n = 0
  const startMs = Date.now() - 30 * DAY_MS
  const uplink = (fCnt: number, devEui = DEV_EUI) =>
    JSON.stringify({
      deviceInfo: { devEui, deviceName: 'gauge', deviceProfileName: 'crash' },
      devAddr: '01020304',
      fCnt,
      fPort: 2,
      data: 'AQ==',
      time: new Date(startMs + fCnt * MINUTE_MS).toISOString(),
      object: { tipMm: 1 },
    })
  return {
    async start(dir, state) {
      mosquitto = await startMosquitto('coop', ['box'], ACL)
      const password = mosquitto.secretOf('box')
      box = await mqtt.connectAsync(mosquitto.url, { clientId: 'box', username: 'box', password })
      disableNagle(box)
      mkdirSync(join(dir, 'profiles'), { recursive: true })
      writeFileSync(join(dir, 'profiles', 'crash-rain.json'), JSON.stringify(RAIN_PROFILE))
      await state.insertInto('device').values(gaugeRow).execute()
      const address = { org: 'coop', integrationId: 'gateway-1', address: `lw:${DEV_EUI}` }
      await state
        .insertInto('assignedAddress')
        .values({ deviceId: 'gauge', profile: 'crash-rain', answers: toJson({}), ...address })
        .execute()
    },
    rows: () => [
      integrationRow({
        farmId: null,
        kind: 'chirpstack',
        url: mosquitto.url,
        userName: 'tilth',
        secret: mosquitto.secretOf('tilth'),
      }),
    ],
    async round({ count, kill, acknowledged, state }) {
      // from its first subscription on, every message is queued for Tilth
      const upTo = n + count
      const isKilledAt = n + Math.ceil(count / 2)
      let killing: Promise<void> | null = null
      if (n === 0)
        await subscription(state, () =>
          box.publishAsync(topicOf(OTHER_EUI), uplink(0, OTHER_EUI), { qos: 1 }),
        )
      while (n < upTo) {
        const batch = Array.from({ length: Math.min(10, upTo - n) }, () => ++n)
        await Promise.all(batch.map((fCnt) => box.publishAsync(topicOf(DEV_EUI), uplink(fCnt), { qos: 1 })))
        for (const own of batch) acknowledged.add(`${own}`)
        if (n >= isKilledAt) killing ??= kill()
      }
      await killing
    },
    async judge(dir, acknowledged) {
      const series = await openSqliteSeries(join(dir, 'series.db'))
      try {
        const query = { org: 'coop', quantity: 'rain.cumulative', fromMs: 0, toMs: Date.now() + DAY_MS }
        const [rain] = await series.range(query)
        const total = rain?.value.at(-1) ?? 0
        return { lost: acknowledged.size - (rain?.value.length ?? 0), twice: total - acknowledged.size }
      } finally {
        await series.close()
      }
    },
    async stop() {
      box.end(true)
      await mosquitto.stop()
    },
  }
}

/** Waits until Tilth has subscribed: a message of another device has arrived. */
async function subscription(state: State, send: () => Promise<unknown>): Promise<void> {
  await expect
    .poll(
      async () => {
        await send()
        return (await state.selectFrom('unassignedMessage').select('seq').execute()).length
      },
      { timeout: 20_000, interval: 200 },
    )
    .toBeGreaterThan(0)
}

const form = (n: number) => `PASSKEY=${n % TOPICS}&dateutc=now&n=${n}`
const numberIn = (text: string) => /n"?[=:](\d+)/.exec(text)![1]!

/** A station that pushes: status 200. */
function push(): Way {
  let n = 0
  // more stations than one: each may push 30 times a minute
  const stations = Math.ceil((ROUNDS * (PER_ROUND + ROUNDS)) / 25)
  const nameOf = (i: number) => `station-${i % stations}`
  return {
    rows: (pepper) =>
      Array.from({ length: stations }, (_, i) =>
        integrationRow({
          id: nameOf(i),
          farmId: null,
          kind: 'ecowitt',
          secretHash: hashSecret(`token of ${nameOf(i)}`, pepper),
        }),
      ),
    async round({ ports, count, kill, acknowledged }) {
      const before = acknowledged.size
      let killing: Promise<void> | null = null
      const sayOn = async () => {
        while (killing === null) {
          const own = ++n
          const token = encodeURIComponent(`token of ${nameOf(own)}`)
          const url = `http://127.0.0.1:${ports.http}/api/push/ecowitt/${token}`
          const status = await fetch(url, { method: 'POST', body: form(own) }).then(
            (response) => response.status,
            () => 0,
          )
          if (status === 200) acknowledged.add(`${own}`)
          else if (status !== 0) throw new Error(`status ${status}`)
          if (acknowledged.size - before >= count) killing ??= kill()
        }
      }
      await Promise.all(Array.from({ length: 10 }, sayOn))
      await killing
    },
    numberOf: numberIn,
    stop: async () => {},
  }
}

/** A device that Tilth asks: it has answered, and Tilth has asked for the next: the answer before is on disk. */
function poll(): Way {
  const servers: Server[] = []
  const urls: string[] = []
  const DEVICES = 60
  let n = 0
  let onAnswer: (device: number, own: string) => void = () => {}
  const lastOf = new Map<number, string>()
  return {
    async start() {
      for (let device = 0; device < DEVICES; device++) {
        const server = createServer((_request, response) => {
          const own = `${++n}`
          onAnswer(device, own)
          const answer = { devt: Number(own), sbits: [Number(own)], ps: [[99, 5, 0, 0]], n: Number(own) }
          response.end(JSON.stringify(answer))
        })
        servers.push(server)
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        urls.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      }
    },
    rows: () =>
      urls.map((url, device) =>
        integrationRow({ id: `device-${device}`, farmId: null, kind: 'opensprinkler', url, secret: 'x' }),
      ),
    // it asks again 5 s after an answer is on disk: this is its acknowledgement
    async round({ kill, acknowledged }) {
      let asked = 0
      lastOf.clear()
      await new Promise<void>((resolve) => {
        onAnswer = (device, own) => {
          const before = lastOf.get(device)
          if (before !== undefined) {
            acknowledged.add(before)
            asked++
          }
          lastOf.set(device, own)
          if (asked === DEVICES) resolve()
        }
      })
      onAnswer = () => {}
      await kill()
    },
    numberOf: numberIn,
    stop: async () => servers.forEach((server) => server.close()),
  }
}

describe('foreign messages when Tilth is killed', () => {
  let dir: string
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'tilth-foreign-'))))
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  async function start() {
    const [mqttPort, http] = [await freePort(), await freePort()]
    const env = { PATH: process.env.PATH ?? '', DATA_DIR: dir, HOST: '127.0.0.1', PORT: `${http}` }
    const child = spawn(process.execPath, builtProgram('services/main.ts'), {
      cwd: root,
      env: {
        ...env,
        MQTT_HOST: '127.0.0.1',
        MQTT_PORT: `${mqttPort}`,
        MQTT_LIMITS: 'none',
        LOG_LEVEL: 'silent',
      },
    })
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
    await new Promise<void>((resolve, reject) => {
      child.stdout.on(
        'data',
        (chunk: Buffer) => void (chunk.toString().includes('Tilth is ready') && resolve()),
      )
      void ended.then(() => reject(new Error('it ended')))
    })
    const end = (signal: NodeJS.Signals) => (child.kill(signal), ended)
    return { ports: { mqtt: mqttPort, http }, end }
  }
  async function judgeUnassigned(
    state: State,
    { numberOf = (text) => text }: Way,
    acknowledged: ReadonlySet<string>,
  ): Promise<Outcome> {
    const rows = await state.selectFrom('unassignedMessage').select('payload').execute()
    const kept = rows.map((row) => numberOf(textOf(row)))
    const numbers = new Set(kept)
    const lost = [...acknowledged].filter((each) => !numbers.has(each)).length
    return { lost, twice: kept.length - numbers.size }
  }

  const hasMosquitto = findProgram('mosquitto') !== null || process.env.CI === 'true'
  it.each([
    ['from a gateway (PUBACK)', () => gateway()],
    ...(hasMosquitto ? [['from another broker (PUBACK to it)', () => otherBroker()] as const] : []),
    ['pushed over HTTP (status 200)', () => push()],
    ['asked for over HTTP (the next question)', () => poll()],
  ] as [string, () => Way][])(
    '%s: none that was acknowledged is lost, and none is stored twice (kill -9)',
    async (name, create) => {
      await (await start()).end('SIGTERM')
      const { pepper } = loadSecrets(dir)
      const way = create()
      const { state, close } = await openSqliteState(join(dir, 'state.db'))
      const acknowledged = new Set<string>()
      try {
        await way.start?.(dir, state)
        for (const row of way.rows(pepper)) await state.insertInto('integration').values(row).execute()
        for (let round = 0; round < ROUNDS; round++) {
          const { ports, end } = await start()
          const kill = () => end('SIGKILL')
          await way.round({ ports, count: PER_ROUND + round, kill, acknowledged, state })
        }
        const last = await start()
        const judge = way.judge ?? ((_dir, wanted) => judgeUnassigned(state, way, wanted))
        await expect
          .poll(async () => (await judge(dir, acknowledged)).lost, { timeout: 60_000, interval: 500 })
          .toBe(0)
        await last.end('SIGTERM')
        const { lost, twice } = await judge(dir, acknowledged)
        console.log(
          `${name}: ${ROUNDS} kills, ${acknowledged.size} acknowledged, ${lost} lost, ${twice} stored twice`,
        )
        expect(lost).toBe(0)
        expect(acknowledged.size).toBeGreaterThanOrEqual(ROUNDS * 50)
        expect(twice).toBe(0)
      } finally {
        await way.stop()
        await close()
      }
    },
    (ROUNDS + 2) * 60_000,
  )
})
