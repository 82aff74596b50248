/**
 * A saved demonstration: the season in a folder of its own, and its devices as a list for `npm run sim`. Services and
 * devices are then separate processes on the wall clock, and either may be killed.
 */
import { chmodSync, cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseFleet } from '../devices/fleet.ts'
import type { FieldPlan } from './co-operative.ts'
import { flowLpm } from './devices.ts'
import { valveOf, type Credential } from './provision.ts'

const DEVICES = 'devices.json'

/** The reason why the folder cannot be used; null: it can. */
export function saveDirError(dir: string): string | null {
  const isFree = !existsSync(dir) || readdirSync(dir).length === 0
  return isFree ? null : `--keep: expected a folder that is empty or not there yet, got ${dir}`
}

/** Call it when the season is fully written. Returns the instructions for continuing. */
export function saveSeason(
  scratchPath: string,
  dir: string,
  { credentials, mqttPort }: { credentials: readonly Credential[]; mqttPort: number },
): string[] {
  cpSync(scratchPath, dir, { recursive: true })
  chmodSync(dir, 0o700) // it holds the secrets of the server and of the devices
  const list = `${JSON.stringify(credentials.map(toDeviceEntry), null, 2)}\n`
  const entries = parseFleet(list)
  if (!entries.ok) throw new Error(`the devices of the season cannot be simulated apart: ${entries.error}`)
  writeFileSync(join(dir, DEVICES), list, { mode: 0o600 })
  const org = credentials[0]!.org
  return [
    `  services  DATA_DIR=${dir} npm start`,
    `  devices   npm run sim -- --connect mqtt://localhost:${mqttPort} --org ${org} --credentials ${join(dir, DEVICES)} --sample 600`,
  ]
}

function toDeviceEntry({ id, kind, secret, commandKey, farm, field }: Credential): object {
  const first = field ?? farm.fields[0]!
  return {
    id,
    kind,
    secret,
    commandKey,
    field: first.id,
    fieldProfile: profileOf(first),
    ...(kind === 'probe' ? { depthsCm: first.probeDepthsCm } : {}),
    ...(kind === 'trap' ? { species: first.pests[0]!.insect } : {}),
    ...(kind === 'controller'
      ? {
          valves: farm.fields.map((field) => ({
            id: valveOf(farm, field),
            field: field.id,
            ratedLpm: flowLpm(field),
          })),
        }
      : {}),
  }
}

const profileOf = ({ kind, areaM2, crop, soil, plantedDay, percolationMmDay }: FieldPlan) => ({
  kind,
  areaM2,
  crop,
  soil,
  plantedDay,
  ...(percolationMmDay === undefined ? {} : { percolationMmDay }),
})
