/** Integrations and the addresses assigned from them, cached until a device or an integration changes. */
import { sql } from 'kysely'
import type { ZigbeeDefinition } from '../../integrations/envelopes/zigbee2mqtt.ts'
import type { State } from '../../ports.ts'
import {
  readAnswers,
  readDefinitions,
  toJson,
  type AssignedAddressRow,
  type DeviceRow,
  type IntegrationRow,
} from '../../tables.ts'

/** A device of another make, with what a person answered. */
export interface ForeignDevice {
  device: DeviceRow
  profile: string
  answers: Record<string, unknown>
}

export interface Integration {
  row: IntegrationRow
  /** by address */
  devices: ReadonlyMap<string, ForeignDevice>
  /** what its gateway publishes about models and units, by the name of the device */
  definitions: ReadonlyMap<string, ZigbeeDefinition>
}

export interface ForeignRows {
  /** Null: there is none, or it has been erased. */
  integration(id: string): Promise<Integration | null>
  /** Keeps what a gateway publishes about its devices. */
  storeDefinitions(id: string, definitions: ReadonlyMap<string, ZigbeeDefinition>): Promise<void>
  forget(): void
}

/** Reads the rows of an integration once. */
export function foreignRows(state: State): ForeignRows {
  const cache = new Map<string, Integration | null>()

  async function load(id: string): Promise<Integration | null> {
    const row = await state.selectFrom('integration').selectAll().where('id', '=', id).executeTakeFirst()
    if (row === undefined) return null
    const assigned = await state
      .selectFrom('assignedAddress')
      .selectAll()
      .where('integrationId', '=', id)
      .execute()
    const devices = await state
      .selectFrom('device')
      .selectAll()
      .where('id', 'in', (of) =>
        of.selectFrom('assignedAddress').select('deviceId').where('integrationId', '=', id),
      )
      .execute()
    const byId = new Map(devices.map((device) => [device.id, device]))
    return {
      row,
      devices: new Map(assigned.flatMap((address) => toDevice(address, byId.get(address.deviceId)))),
      definitions: new Map(row.definitions === null ? [] : Object.entries(readDefinitions(row.definitions))),
    }
  }

  return {
    async integration(id) {
      const cached = cache.get(id)
      if (cached !== undefined) return cached
      const loaded = await load(id)
      cache.set(id, loaded)
      return loaded
    },
    async storeDefinitions(id, definitions) {
      const text = toJson(Object.fromEntries(definitions))
      // the gateway repeats its list at each of its starts
      await state
        .updateTable('integration')
        .set({ definitions: text })
        .where('id', '=', id)
        .where(sql<boolean>`coalesce(definitions, '') <> ${text}`)
        .execute()
      cache.delete(id)
    },
    forget: () => cache.clear(),
  }
}

const toDevice = (
  { address, profile, answers }: AssignedAddressRow,
  device: DeviceRow | undefined,
): [string, ForeignDevice][] =>
  device === undefined ? [] : [[address, { device, profile, answers: readAnswers(answers) }]]
