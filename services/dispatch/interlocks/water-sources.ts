/** The pump of a zone and each main above it, with their open valves and used quotas: inputs of the interlocks. */
import { activeStates } from '../../../broker/contract/command-lifecycle/types.ts'
import { dayOf, startOfDay, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { flowSetUp } from '../../domain/plausible-water.ts'
import { accountedLitres } from '../../domain/volume-accounting.ts'
import type { PumpRow, ZoneRow } from '../../tables.ts'
import { supplyChain, pumpScheduleOf } from '../../domain/water-supply.ts'
import { openValves, type DispatchState } from '../dispatch-state.ts'
import { zoneFlowLpm, type InterlockInputs, type Quota, type Source } from './interlocks.ts'
import type { Rows } from '../command-rows.ts'

type WaterInputs = Pick<InterlockInputs, 'sources' | 'isSourceUnknown' | 'zoneLitresToday'>

/** `rows`: the transaction that will write the opening. */
export async function readWaterInputs(
  dispatch: Pick<DispatchState, 'openCommands'>,
  rows: Rows,
  zone: ZoneRow | null,
  nowMs: AtMs,
): Promise<WaterInputs> {
  if (!zone) return { sources: [], isSourceUnknown: false, zoneLitresToday: null }
  const pumps = await farmPumps(rows, zone.pumpId)
  const path = supplyChain({ pumps }, zone)
  const above = path.flatMap((id) => pumps.find((pump) => pump.id === id) ?? [])
  const isDayNeeded = zone.dailyMaxLitres !== null || above.some(({ dailyM3 }) => dailyM3 !== null)
  const isUsedNeeded = isDayNeeded || above.some((pump) => pumpScheduleOf(pump).season !== undefined)
  const timeZone = isUsedNeeded ? await farmTimeZone(rows, zone) : 'UTC'
  const today = dayOf(nowMs, timeZone)
  const todayMs = startOfDay(today, timeZone)
  const used = (zones: readonly ZoneRow[], fromMs: AtMs) => usedLitresSince(dispatch, rows, zones, fromMs)

  const quotasOf = async (pump: PumpRow): Promise<Quota[]> => {
    const { season } = pumpScheduleOf(pump)
    const hasBegun = season !== undefined && season.fromDay <= today
    if (pump.dailyM3 === null && !hasBegun) return []
    const zones = await zonesFedBy(rows, pumps, pump.id)
    const quotas: Quota[] = []
    if (pump.dailyM3 !== null)
      quotas.push({
        why: 'daily-limit',
        litres: pump.dailyM3 * 1000,
        usedLitres: await used(zones, todayMs),
      })
    if (hasBegun)
      quotas.push({
        why: 'season-quota',
        litres: season.m3 * 1000,
        usedLitres: await used(zones, startOfDay(season.fromDay, timeZone)),
      })
    return quotas
  }

  const open = openValves(dispatch)
  const sources: Source[] = []
  for (const pump of above)
    sources.push({
      pump,
      open: open.filter((open) => supplyChain({ pumps }, open).includes(pump.id)),
      quotas: await quotasOf(pump),
    })
  return {
    sources,
    isSourceUnknown: above.length < path.length,
    zoneLitresToday: zone.dailyMaxLitres === null ? null : await used([zone], todayMs),
  }
}

/** All pumps on the farm of this pump; its feeders are on the same farm. */
export const farmPumps = async (rows: Rows, pumpId: string | null): Promise<PumpRow[]> =>
  pumpId === null
    ? []
    : rows
        .selectFrom('pump')
        .selectAll()
        .where('farmId', 'in', (from) => from.selectFrom('pump').select('farmId').where('id', '=', pumpId))
        .execute()

/** The smallest capacity on the supply chain of a zone, L/min; null: unknown. */
export const readSupplyLpm = async (rows: Rows, zone: ZoneRow | null): Promise<number | null> =>
  zone === null ? null : (flowSetUp(zone, await farmPumps(rows, zone.pumpId)).supplyLpm ?? null)

const zonesFedBy = (rows: Rows, pumps: readonly PumpRow[], id: string): Promise<ZoneRow[]> =>
  rows
    .selectFrom('zone')
    .selectAll()
    .where(
      'pumpId',
      'in',
      pumps.filter((pump) => supplyChain({ pumps }, { pumpId: pump.id }).includes(id)).map((pump) => pump.id),
    )
    .execute()

async function farmTimeZone(rows: Rows, { farmId }: ZoneRow): Promise<string> {
  const farm = await rows.selectFrom('farm').select('timeZone').where('id', '=', farmId).executeTakeFirst()
  return farm?.timeZone ?? 'UTC'
}

/**
 * Recorded water of ended runs (unknown water at its upper bound) plus the full volume of all open commands, those of
 * another engine included: they are in the store only.
 */
async function usedLitresSince(
  dispatch: Pick<DispatchState, 'openCommands'>,
  rows: Rows,
  zones: readonly ZoneRow[],
  fromMs: AtMs,
): Promise<number> {
  const zonesById = new Map(zones.map((zone) => [zone.id, zone]))
  const endedRuns = await rows
    .selectFrom('irrigation')
    .select(['zoneId', 'litres', 'ranMs', 'cause'])
    // uses the index on fields
    .where('fieldId', 'in', [...new Set(zones.map(({ fieldId }) => fieldId))])
    .where('commandedAtMs', '>=', fromMs)
    .where('voidedAtMs', 'is', null)
    .where('zoneId', 'in', [...zonesById.keys()])
    .execute()
  const recorded = endedRuns.reduce((sum, row) => sum + accountedLitres(row, zonesById.get(row.zoneId)!), 0)
  const ordered = [...dispatch.openCommands.values()].reduce((sum, { zone, lifecycle }) => {
    const row = zonesById.get(zone?.id ?? '')
    return row ? sum + (lifecycle.litres ?? (zoneFlowLpm(row) * lifecycle.durMs) / MINUTE_MS) : sum
  }, 0)
  const written = await rows
    .selectFrom('command')
    .innerJoin('run', 'run.id', 'command.runId')
    .select(['command.id', 'run.zoneId', 'command.litres', 'command.durMs'])
    .where('command.op', '=', 'open')
    .where('command.state', 'in', activeStates)
    .where('run.zoneId', 'in', [...zonesById.keys()])
    .execute()
  const elsewhere = written.reduce((sum, { id, zoneId, litres, durMs }) => {
    if (dispatch.openCommands.has(id)) return sum
    return sum + (litres ?? (zoneFlowLpm(zonesById.get(zoneId)!) * (durMs ?? 0)) / MINUTE_MS)
  }, 0)
  return recorded + ordered + elsewhere
}
