/** The newest usable reading of each series of a group, by device and by field. */
import type { AtMs } from '../../../broker/contract/time.ts'
import { flags } from '../../../broker/contract/quantities.ts'
import type { Latest, SeriesStore } from '../../ports.ts'
import { groupBy } from '../../runtime/group-by.ts'
import type { FieldGroup } from '../field-context.ts'

export interface LatestReadings {
  device: ReadonlyMap<string, Latest[]>
  field: ReadonlyMap<string, Latest[]>
}

/** `latest`: the newest of each series, whatever its quality flag. */
export async function latestUsable(
  series: SeriesStore,
  group: FieldGroup,
  latest: readonly Latest[],
  nowMs: AtMs,
): Promise<LatestReadings> {
  const usable = await filterUsable(series, group, latest, nowMs)
  return {
    device: groupBy(usable, (reading) => reading.device),
    field: groupBy(usable, (reading) => reading.field),
  }
}

const requiredQuantities = new Set(['soil.moisture', 'water.level', 'air.temperature'])

/** The newest reading of each series that passed quality control: in place of a suspect one, the one before it. */
async function filterUsable(
  series: SeriesStore,
  group: FieldGroup,
  latest: readonly Latest[],
  nowMs: AtMs,
): Promise<Latest[]> {
  const usable: Latest[] = []
  for (const newest of latest) {
    if (newest.flag <= flags.notEvaluated && newest.value !== null) usable.push(newest)
    else if (requiredQuantities.has(newest.quantity)) {
      const { device, quantity, depthCm } = newest
      // a reading older than six intervals is lost and of no use
      const fromMs = nowMs - 6_000 * (group.devices.get(device)?.everyS ?? 0)
      const seriesList = await series.range({
        org: group.org,
        device,
        quantity,
        depthCm,
        fromMs,
        toMs: newest.atMs,
      })
      const before = seriesList.find(({ field }) => field === newest.field)
      const i = before?.flag.findLastIndex(
        (flag, index) => flag <= flags.notEvaluated && before.value[index] !== null,
      )
      if (before && i !== undefined && i >= 0)
        usable.push({ ...newest, atMs: before.atMs[i]!, value: before.value[i]!, flag: before.flag[i]! })
    }
  }
  return usable
}
