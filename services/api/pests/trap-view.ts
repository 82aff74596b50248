/** Where insects are counted, by traps and by people: the last count, the previous one, and their age. */
import { startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { DeviceRow, ScoutingCountRow } from '../../tables.ts'
import type { FieldThreats } from '../ports/pest-service.ts'
import type { TrapView } from './pest-schemas.ts'

export interface TrapCounts {
  fieldId: string
  subject: string
  deviceId: string
  counts: readonly { atMs: AtMs; count: number }[] // in order
}
type Trap = Pick<DeviceRow, 'id' | 'name' | 'everyS'>
type Place = Pick<FieldThreats, 'fieldId' | 'fieldName' | 'timeZone' | 'watches' | 'economics'>

const LATE_AFTER_INTERVALS = 2

/**
 * A tracked insect that no trap counts automatically is counted by a person; one with a threshold from a
 * person's own figures, on the plants.
 */
export function trapViews(x: {
  fields: readonly Place[]
  counted: readonly TrapCounts[]
  traps: readonly Trap[]
  sightings: readonly ScoutingCountRow[] // in order of time
  nowMs: AtMs
}): TrapView[] {
  return x.fields.flatMap((field) => {
    const { fieldId, fieldName, watches, economics } = field
    const fieldCounts = x.counted.filter((item) => item.fieldId === fieldId)
    const fieldSightings = x.sightings.filter((item) => item.fieldId === fieldId)
    const inTraps = fieldSightings.filter(({ kind }) => kind === 'trap')
    const onPlants = fieldSightings.filter(({ kind }) => kind === 'plants')
    const byThemselves = new Set(fieldCounts.map(({ subject }) => subject))
    const byPerson = new Set([
      ...watches.map(({ subject }) => subject).filter((subject) => !byThemselves.has(subject)),
      ...inTraps.map(({ subject }) => subject!),
    ])
    const byEye = new Set([
      ...economics.filter(({ isUsed }) => isUsed === 1).map(({ target }) => target),
      ...onPlants.map(({ subject }) => subject!),
    ])
    const place = { fieldId, fieldName }
    return [
      ...fieldCounts.map(({ subject, deviceId, counts }): TrapView => {
        const trap = x.traps.find(({ id }) => id === deviceId)
        const lastMs = counts.at(-1)?.atMs
        const lateMs = trap ? LATE_AFTER_INTERVALS * trap.everyS * 1000 : Infinity
        return {
          ...place,
          subject,
          countedBy: 'trap',
          deviceName: trap?.name ?? null,
          ...lastTwo(counts),
          isLate: lastMs === undefined || x.nowMs - lastMs > lateMs,
        }
      }),
      ...[...byPerson].sort().map((subject): TrapView => ({
        ...place,
        subject,
        countedBy: 'person-in-trap',
        deviceName: null,
        isLate: false,
        ...lastTwo(countsOf(inTraps, subject)),
      })),
      ...[...byEye].sort().map((subject): TrapView => ({
        ...place,
        subject,
        countedBy: 'person-on-plants',
        deviceName: null,
        isLate: false,
        ...lastTwo(countsOnPlants(field, countsOf(onPlants, subject), subject)),
      })),
    ]
  })
}

type Count = { atMs: AtMs; count: number }

const countsOf = (sightings: readonly ScoutingCountRow[], subject: string): Count[] =>
  sightings.filter((item) => item.subject === subject).map(({ atMs, count }) => ({ atMs, count: count! }))

/** The pest economics of the field may hold a count that was entered there. */
function countsOnPlants(
  { economics, timeZone }: Place,
  counts: readonly Count[],
  subject: string,
): readonly Count[] {
  if (counts.length > 0) return counts
  const row = economics.find(({ target }) => target === subject)
  return row && row.seenCount !== null && row.seenDay !== null
    ? [{ atMs: startOfDay(row.seenDay, timeZone), count: row.seenCount }]
    : []
}

function lastTwo(counts: readonly Count[]): Pick<TrapView, 'last' | 'before'> {
  return { last: counts.at(-1) ?? null, before: counts.at(-2) ?? null }
}
