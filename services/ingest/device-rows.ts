/** The rows of active devices, cached until something about them changes. */
import type { State } from '../ports.ts'
import type { DeviceRow } from '../tables.ts'

export interface DeviceRows {
  /** Loads devices that are not cached; an unknown device is looked up again each time. */
  load(ids: ReadonlySet<string>): Promise<void>
  get(id: string): DeviceRow | null
  /** Drops one device from the cache, or all devices. */
  forget(id?: string): void
}

// limit of parameters per statement
const PER_QUERY = 500

/**
 * `get` finds only loaded rows. `forget` takes effect with the next `load`, so a row never changes within a batch.
 */
export function deviceRows(state: State): DeviceRows {
  const rows = new Map<string, DeviceRow>()
  // a change during a load takes effect with the next message
  let forgotten = new Set<string>()
  let isAllForgotten = false

  return {
    async load(ids) {
      forgetNow()
      const missingIds = [...ids].filter((id) => !rows.has(id))
      for (let i = 0; i < missingIds.length; i += PER_QUERY) {
        const chunk = missingIds.slice(i, i + PER_QUERY)
        const loaded = await state.selectFrom('device').selectAll().where('id', 'in', chunk).execute()
        for (const row of loaded) rows.set(row.id, row)
      }
    },
    get: (id) => rows.get(id) ?? null,
    forget(id) {
      if (id === undefined) isAllForgotten = true
      else forgotten.add(id)
    },
  }

  function forgetNow(): void {
    if (isAllForgotten) rows.clear()
    for (const id of forgotten) rows.delete(id)
    forgotten = new Set()
    isAllForgotten = false
  }
}
