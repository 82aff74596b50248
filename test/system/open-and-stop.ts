/** A person opens the valve of the farm and stops it; a simulated controller at another broker does both. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { systemClock } from '../../broker/contract/time.ts'
import { parseFleet, startFleet } from '../../firmware-sim/devices/fleet.ts'
import { weatherAt } from '../../firmware-sim/weather/weather.ts'
import { createWorld } from '../../firmware-sim/world.ts'
import { plain, soybeanOnLoam, steady } from '../firmware-sim/places.ts'
import { eventually, type Farm } from './farm.ts'

interface Place {
  url: string
  /** of the controller at the broker of `url` */
  secret: string
  flashDir: string
}

/** Resolves when the controller of the farm is connected to the broker. */
export async function startFleetController(farm: Pick<Farm, 'org' | 'controller'>, at: Place) {
  const controllers = [
    {
      id: 'ctl-one',
      kind: 'controller',
      secret: at.secret,
      commandKey: farm.controller.commandKey,
      field: 'north-3',
      valves: [{ id: 'V1', ratedLpm: 80 }],
    },
  ]
  const fleet = parseFleet(JSON.stringify(controllers))
  if (!fleet.ok) throw new Error(fleet.error)
  const forever = {
    ...steady(),
    lastDay: '2099-12-31' as const,
    day: (day: string) => ({ ...steady().day('2026-07-01')!, day }),
  }
  const [controller] = await startFleet(fleet.value, {
    org: farm.org,
    url: at.url,
    clock: systemClock,
    seed: '7',
    flashDir: at.flashDir,
    note: () => {},
    world: createWorld({
      weather: weatherAt(forever, plain, 'test'),
      fields: [soybeanOnLoam],
      startMs: systemClock.now(),
      seed: 'test',
    }),
  })
  await eventually(async () => (controller!.isOnline() ? true : null))
  return controller!
}

/** `between`: called while the valve is open. */
export async function openAndStop(farm: Farm, at: Place & { between?: () => Promise<void> }): Promise<void> {
  const controller = await startFleetController(farm, at)
  const valve = async (pos: 'open' | 'closed'): Promise<true | null> => {
    const row = await farm.tilth.state
      .selectFrom('valveState')
      .select('pos')
      .where('deviceId', '=', 'ctl-one')
      .executeTakeFirst()
    return row?.pos === pos || null
  }
  try {
    await eventually(() => valve('closed'))
    await farm.post('/api/start', { idem: randomUUID(), zoneId: farm.zoneId, minutes: 10 })
    await eventually(() => valve('open'))
    await at.between?.()
    await farm.post('/api/stop', { idem: randomUUID(), zoneId: farm.zoneId })
    await eventually(() => valve('closed'))
    const commands = await farm.tilth.state.selectFrom('command').select(['op', 'seq', 'state']).execute()
    expect(commands).toEqual([
      { op: 'open', seq: 1, state: 'aborted' },
      { op: 'close', seq: 2, state: 'done' },
    ])
  } finally {
    await controller.stop()
  }
}
