/**
 * Pumps below a main, each allowing fewer open valves than it feeds, and the violations of that limit (invariant I11)
 * counted from the openings themselves.
 */
import { join } from 'node:path'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { toJson } from '../../../services/tables.ts'
import { FARM, ORG } from '../../support/place.ts'
import type { Opening } from './valve-judge.ts'

/** The maximum number of these valves open at once. */
export interface Limit {
  name: string
  valves: readonly string[] // device and valve
  most: number
}

const DEVICES = ['controller-1', 'controller-2']
const VALVES = ['V1', 'V2']
const AMPLE_LPM = 100_000

/** A main that allows three of four valves of both controllers, and a pump each: the limit is one level up. */
export const limits: readonly Limit[] = [
  { name: 'main', valves: DEVICES.flatMap((device) => VALVES.map((valve) => `${device} ${valve}`)), most: 3 },
  ...DEVICES.map((device) => ({
    name: `pump of ${device}`,
    valves: VALVES.map((valve) => `${device} ${valve}`),
    most: 2,
  })),
]

/** Adds them to the state created by `provisionValves`. */
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
 * Instants with more open valves than allowed, checked at each opening. `slackMs`: a valve delayed by this machine
 * closes that much too late.
 */
export function overLimit(
  openings: readonly Opening[],
  allLimits: readonly Limit[],
  slackMs: number,
): string[] {
  return allLimits.flatMap(({ name, valves, most }) => {
    const limited = openings.filter(({ device, valve }) => valves.includes(`${device} ${valve}`))
    return limited.flatMap(({ device, valve, seq, openedMs }) => {
      const concurrent = limited.filter(
        (other) => other.openedMs <= openedMs && endMs(other) - slackMs > openedMs,
      )
      const open = new Set(concurrent.map((other) => `${other.device} ${other.valve}`)).add(
        `${device} ${valve}`,
      ).size
      return open > most ? [`${name}: ${open} of ${most} as ${device} ${valve} ${seq} opened`] : []
    })
  })
}

const endMs = ({ closedMs }: Opening): number => closedMs ?? Infinity
