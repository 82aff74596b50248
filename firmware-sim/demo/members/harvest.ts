/** The harvest of a paddy, weighed, entered or missing: loads of rough or brown rice as on the tickets of a co-operative. */
import { addDays, HOUR_MS, type Day } from '../../../broker/contract/time.ts'
import type { Random } from '../../random.ts'
import type { FieldSeasonInput, MemberRows } from './types.ts'
import { atHour } from './at-hour.ts'

export interface Harvest {
  isWeighed: boolean
  entered: Pick<MemberRows['season'][number], 'yieldKg' | 'yieldBasis' | 'harvestedM2' | 'hullShare'>
}

/** Every nineteenth field of the newest two seasons is not weighed, and every twenty-third was entered by hand. */
export function drawHarvest(
  { f, areaM2, back, isBare }: FieldSeasonInput,
  { isOver, chance }: { isOver: boolean; chance: Random },
): Harvest {
  const isRecent = back < 2
  const isMissing = !isOver || (isRecent && (isBare || (f + back) % 19 === 7))
  const isEntered = !isMissing && isRecent && (f + back) % 23 === 5
  return {
    isWeighed: !isMissing && !isEntered,
    entered: {
      yieldKg: isEntered ? Math.round(areaM2 * (0.47 + 0.1 * chance.next())) : null,
      yieldBasis: isEntered ? 'brown rice, 15 % moisture' : null,
      harvestedM2: isOver && f % 11 === 3 ? Math.round(areaM2 * 0.9) : null,
      hullShare: isOver && f % 5 === 0 ? 0.79 : null,
    },
  }
}

interface Ticket {
  seasonId: string
  ripeDay: Day
  harvest: Harvest
  chance: Random
}

const LOADS = 2
const BROWN_KG_M2 = 0.52
const BROWN_SHARE = 0.715 // of rough rice at 24 %, by mass

/**
 * Two loads a field; every second field brings rough rice from the combine, the others brown rice. Some lack a moisture,
 * a share of foreign matter or a sieve, some are of low grade, and some were weighed twice and voided.
 */
export function harvestLoads(
  { base, f, areaM2, back }: FieldSeasonInput,
  { seasonId, ripeDay, harvest, chance }: Ticket,
): MemberRows['harvestLoad'] {
  if (!harvest.isWeighed) return []
  const isRough = f % 2 === 0
  const isRecent = back < 2
  const kgM2 = isRough ? BROWN_KG_M2 / BROWN_SHARE : BROWN_KG_M2
  const load = (n: number) => ({
    ...base,
    id: `${seasonId}-l${n}`,
    seasonId,
    day: addDays(ripeDay, n),
    ticket: `T${f}-${n}`,
    form: isRough ? ('rough-rice' as const) : ('brown-rice' as const),
    grossKg: Math.round((areaM2 * kgM2 * (0.85 + 0.3 * chance.next())) / LOADS),
    moisturePct: Number((isRough ? 22 + 4 * chance.next() : 14.4 + chance.next()).toFixed(1)),
    foreignPct: isRecent && n === 0 && (f + back) % 43 === 17 ? null : f % 3 === 0 ? 0.5 : 0,
    grade: n === 1 && f % 7 === 0 ? ('low' as const) : ('1' as const),
    sieveMm: f % 13 === 5 ? null : 1.85,
    destination: 'JA',
    meter: 'M1',
    meterDay: `${ripeDay.slice(0, 4)}-09-01`,
    enteredBy: 'person',
    enteredAtMs: atHour(addDays(ripeDay, n), 17),
    voidedBy: null,
    voidedAtMs: null,
    voidReason: null,
  })
  const loads: MemberRows['harvestLoad'] = Array.from({ length: LOADS }, (_, n) => load(n))
  if (isRecent && (f + back) % 31 === 9) loads[1]!.moisturePct = null
  if (isRecent && (f + back) % 47 === 21) {
    const twice = { ...load(0), id: `${seasonId}-l0-twice` }
    loads.push({
      ...twice,
      voidedBy: 'person',
      voidReason: 'weighed twice',
      voidedAtMs: twice.enteredAtMs + HOUR_MS,
    })
  }
  return loads
}
