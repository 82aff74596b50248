/**
 * From a command to its controller's acknowledgement while 1,000 controllers send heartbeats: a person starts valves
 * over HTTP, each on another controller. The server's records give the commit of the command and the receipt of the
 * acknowledgement; the simulated controllers give the actual drive of the valve.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../broker/contract/time.ts'
import type { DeviceEffect } from '../../broker/contract/valve-device/types.ts'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import type { Bench } from '../support/bench.ts'
import { quantile } from '../support/generator.ts'
import { fieldId, provision } from '../support/place.ts'
import { atLeast, atMost, count, ms, infoFigure, type Figure } from '../support/report.ts'
import { startServer } from '../support/server.ts'
import { profileOptions } from '../support/tilth-load.ts'
import { signUp } from '../torture/support/person.ts'
import { provisionValves, switchOn } from '../torture/support/valve-place.ts'

const CONTROLLERS = 1_000
const FIELDS = 100
const RUN_MS = 60_000
const PER_S = 10
const MINUTES = 5 // longer than the measurement: nothing closes during it
const P99_MS = 30
const SWITCHED_ON_AT_ONCE = 20
const SWITCH_ON_EVERY_MS = 200 // so that the heartbeats, 10 s apart, are spread over 10 s

export async function roundTrip(bench: Bench): Promise<Figure[]> {
  const commands = Math.floor((RUN_MS * bench.scale * PER_S) / 1_000)
  bench.log(`round-trip: ${count(CONTROLLERS)} controllers, ${count(commands)} commands at ${PER_S} a second`)
  const dataDir = await bench.folder('round-trip')
  await provision(dataDir, { fields: FIELDS, devices: 1, everyS: 1_200, plantedDaysAgo: 1 })
  const place = await provisionValves(dataDir, { controllers: CONTROLLERS, valvesEach: 1 })
  await dealOut(dataDir)
  const server = await startServer(dataDir, profileOptions(), { env: { HTTP_LIMITS: 'none' } })
  bench.onEnd(() => server.end('SIGKILL'))
  const person = await signUp(server.port, server.setupToken)

  const drivenMs = new Map<string, number>()
  for (let from = 0; from < CONTROLLERS; from += SWITCHED_ON_AT_ONCE) {
    const credentials = place.credentials.slice(from, from + SWITCHED_ON_AT_ONCE)
    const zones = place.zones.slice(from, from + SWITCHED_ON_AT_ONCE)
    await switchOn(
      { ...bench, isLong: false, seed: 'round-trip' },
      { credentials, zones },
      {
        mqttPort: server.mqttPort,
        clock: systemClock,
        trace(device, entry) {
          if (entry.type === 'effect' && isOpening(entry.effect) && !drivenMs.has(device))
            drivenMs.set(device, performance.now())
        },
      },
    )
    await pause(SWITCH_ON_EVERY_MS)
  }

  const requestedMs = new Map<string, number>()
  const cpuBeforeS = server.cpuS()
  const startMs = performance.now()
  let lateMs = 0
  const requests: Promise<unknown>[] = []
  for (const [i, { id, device }] of place.zones.slice(0, commands).entries()) {
    const dueMs = startMs + (i * 1_000) / PER_S
    await pause(Math.max(0, dueMs - performance.now()))
    lateMs = Math.max(lateMs, performance.now() - dueMs)
    requestedMs.set(device, performance.now())
    // a failed request counts as unanswered
    requests.push(
      person.start(id, MINUTES).catch((error: unknown) => bench.log(`${id}: ${(error as Error).message}`)),
    )
  }
  await Promise.all(requests)
  await pause(1_000) // for messages in transit
  const elapsedS = (performance.now() - startMs) / 1_000
  const cpuAfterS = server.cpuS()
  await server.end('SIGTERM')

  const tripMs = await trips(dataDir)
  const pressMs = [...requestedMs]
    .flatMap(([device, atMs]) => (drivenMs.has(device) ? [drivenMs.get(device)! - atMs] : []))
    .sort((a, b) => a - b)
  const cpu = cpuBeforeS === null || cpuAfterS === null ? null : ((cpuAfterS - cpuBeforeS) / elapsedS) * 100
  return [
    atMost('round-trip', 'command -> acknowledgement, p99', quantile(tripMs, 0.99), P99_MS, ms),
    infoFigure('round-trip', 'command -> acknowledgement, p50', ms(quantile(tripMs, 0.5))),
    infoFigure('round-trip', 'command -> acknowledgement, longest', ms(tripMs.at(-1) ?? Number.NaN)),
    infoFigure('round-trip', "a person's request -> valve driven, p99", ms(quantile(pressMs, 0.99))),
    atLeast('round-trip', `acknowledged, of ${count(commands)}`, tripMs.length, commands, count),
    infoFigure('round-trip', 'generator behind its plan, worst', ms(lateMs)),
    infoFigure(
      'round-trip',
      'processor time of the server',
      cpu === null ? 'unknown' : `${cpu.toFixed(0)} % of a core`,
    ),
  ]
}

const isOpening = (effect: DeviceEffect): boolean => effect.type === 'drive' && effect.open

/** Distributes controllers and zones over all fields, as in a co-operative. */
async function dealOut(dataDir: string): Promise<void> {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  try {
    const zones = await state.selectFrom('zone').select(['id', 'controllerId']).orderBy('id').execute()
    for (const [i, { id, controllerId }] of zones.entries()) {
      const to = { fieldId: fieldId(i % FIELDS) }
      await state.updateTable('zone').set(to).where('id', '=', id).execute()
      await state.updateTable('device').set(to).where('id', '=', controllerId!).execute()
    }
  } finally {
    await close()
  }
}

/** From the commit of each command to its acknowledgement, ms, ascending. */
async function trips(dataDir: string): Promise<number[]> {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  try {
    const rows = await state
      .selectFrom('command')
      .select(['createdAtMs', 'confirmedAtMs'])
      .where('op', '=', 'open')
      .execute()
    return rows
      .flatMap(({ createdAtMs, confirmedAtMs }) =>
        confirmedAtMs === null ? [] : [confirmedAtMs - createdAtMs],
      )
      .sort((a, b) => a - b)
  } finally {
    await close()
  }
}
