/**
 * Pumps with mains above them, each with fewer valves than hang below it, and what the valves made of that (invariant I11,
 * the hydraulic limit): counted from the openings themselves, whatever the server believes.
 */
import { join } from 'node:path'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { toJson } from '../../../services/tables.ts'
import { FARM, ORG } from '../../support/place.ts'
import type { Opening } from './valve-judge.ts'

/** How many of these valves may be open together. */
export interface Limit {
  name: string
  valves: readonly string[] // device and valve
  most: number
}

const DEVICES = ['controller-1', 'controller-2']
const VALVES = ['V1', 'V2']
const AMPLE_LPM = 100_000

/** A main for both controllers that feeds three of their four valves, and a pump of each: the limit lies a step above. */
export const limits: readonly Limit[] = [
  { name: 'main', valves: DEVICES.flatMap((device) => VALVES.map((valve) => `${device} ${valve}`)), most: 3 },
  ...DEVICES.map((device) => ({
    name: `pump of ${device}`,
    valves: VALVES.map((valve) => `${device} ${valve}`),
    most: 2,
  })),
]

/** Lays them in a state that `provisionValves` has made. */
export async function provisionMains(dataDir: string): Promise<void> {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const pump = ({ name, most }: Limit, schedule = {}) => ({
    id: name,
    org: ORG,
    farmId: FARM,
    name,
    capacityLpm: AMPLE_LPM,
    dailyM3: null,
    maxOpenValves: most,
    schedule: toJson(schedule),
  })
  const [main, ...below] = limits
  try {
    await state
      .insertInto('pump')
      .values([pump(main!), ...below.map((limit) => pump(limit, { feedsFrom: main!.name }))])
      .execute()
    for (const [index, { name }] of below.entries())
      await state
        .updateTable('zone')
        .set({ pumpId: name })
        .where('controllerId', '=', DEVICES[index]!)
        .execute()
  } finally {
    await close()
  }
}

/**
 * Where more were open at an instant than may be, each opening counted when it began. `slackMs`: a valve that was held up
 * by this machine shuts so much too late.
 */
export function overLimit(openings: readonly Opening[], each: readonly Limit[], slackMs: number): string[] {
  return each.flatMap(({ name, valves, most }) => {
    const own = openings.filter(({ device, valve }) => valves.includes(`${device} ${valve}`))
    return own.flatMap(({ device, valve, seq, openedMs }) => {
      const beside = own.filter((one) => one.openedMs <= openedMs && endMs(one) - slackMs > openedMs)
      const open = new Set(beside.map((one) => `${one.device} ${one.valve}`)).add(`${device} ${valve}`).size
      return open > most ? [`${name}: ${open} of ${most} as ${device} ${valve} ${seq} opened`] : []
    })
  })
}

const endMs = ({ closedMs }: Opening): number => closedMs ?? Infinity
