/** The newest reading of each series of a group that can be used, by device and by field. */
import type { AtMs } from '../../../broker/contract/time.ts'
import { flags } from '../../../broker/contract/quantities.ts'
import type { Latest, SeriesStore } from '../../ports.ts'
import { grouped, type FieldGroup } from '../field-context.ts'

export interface LatestReadings {
  device: ReadonlyMap<string, Latest[]>
  field: ReadonlyMap<string, Latest[]>
}

/** `latest`: the newest of each series, whatever quality control says of it. */
export async function latestUsable(
  series: SeriesStore,
  group: FieldGroup,
  latest: readonly Latest[],
  nowMs: AtMs,
): Promise<LatestReadings> {
  const usable = await filterUsable(series, group, latest, nowMs)
  return { device: grouped(usable, (one) => one.device), field: grouped(usable, (one) => one.field) }
}

const requiredQuantities = new Set(['soil.moisture', 'water.level', 'air.temperature'])

/** The newest reading of each series that quality control let pass: behind a suspect one, the one before it. */
async function filterUsable(
  series: SeriesStore,
  group: FieldGroup,
  latest: readonly Latest[],
  nowMs: AtMs,
): Promise<Latest[]> {
  const usable: Latest[] = []
  for (const one of latest) {
    if (one.flag <= flags.notEvaluated && one.value !== null) usable.push(one)
    else if (requiredQuantities.has(one.quantity)) {
      const { device, quantity, depthCm } = one
      // older than the six intervals after which it is lost it would help nobody
      const fromMs = nowMs - 6_000 * (group.devices.get(device)?.everyS ?? 0)
      const found = await series.range({
        org: group.org,
        device,
        quantity,
        depthCm,
        fromMs,
        toMs: one.atMs,
      })
      const before = found.find(({ field }) => field === one.field)
      const i = before?.flag.findLastIndex(
        (flag, at) => flag <= flags.notEvaluated && before.value[at] !== null,
      )
      if (before && i !== undefined && i >= 0)
        usable.push({ ...one, atMs: before.atMs[i]!, value: before.value[i]!, flag: before.flag[i]! })
    }
  }
  return usable
}
