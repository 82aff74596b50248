/** Hazards of an organisation's fields: one row per insect or disease, from the assessment of each field. */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import {
  readDiseaseReason,
  readNextEvent,
  readPestOutlook,
  type DiseaseDayRow,
  type DegreeDayTrackerRow,
} from '../../tables.ts'
import type { FieldThreats } from '../ports/pest-service.ts'
import type { Hazard } from './pest-schemas.ts'

const DAYS_BACK = 14
const DAYS_AHEAD = 7

type Proposal = FieldThreats['proposals'][number]
type Level = Hazard['level']
type StripDay = Hazard['days'][number]
type Threat = { proposal: Proposal; of: FieldThreats }

const urgency: Record<Hazard['action'], number> = { treat: 0, scout: 1, 'cannot-judge': 2, wait: 3 }
const levelRank: Record<Level, number> = { high: 0, moderate: 1, unknown: 2, low: 3 }
// an insect has no risk level: derive it from the proposed action
const levelOfAction: Record<Hazard['action'], Level> = {
  treat: 'high',
  scout: 'moderate',
  'cannot-judge': 'unknown',
  wait: 'low',
}

/** `flightModels`: by `fieldId/subject` the id of a model in use. Most urgent first. */
export function hazardViews(
  fields: readonly FieldThreats[],
  flightModels: ReadonlyMap<string, string>,
): Hazard[] {
  const threats = new Map<string, Threat[]>()
  for (const of of fields)
    for (const proposal of of.proposals)
      threats.set(proposal.target, [...(threats.get(proposal.target) ?? []), { proposal, of }])
  return [...threats.values()]
    .map((hazards) => hazardView(hazards.toSorted(byUrgency), flightModels))
    .sort(
      (a, b) =>
        urgency[a.action] - urgency[b.action] ||
        levelRank[a.level] - levelRank[b.level] ||
        compareText(dueDay(a), dueDay(b)) ||
        compareText(a.target, b.target),
    )
}

const dueDay = ({ spray, look, heat }: Hazard): string => (spray ?? look ?? heat)?.fromDay ?? 'without a day'
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function byUrgency(a: Threat, b: Threat): number {
  return (
    urgency[a.proposal.action] - urgency[b.proposal.action] ||
    compareText(a.proposal.fromDay ?? '~', b.proposal.fromDay ?? '~') ||
    compareText(a.of.fieldName, b.of.fieldName)
  )
}

function hazardView(threats: readonly Threat[], flightModels: ReadonlyMap<string, string>): Hazard {
  const { proposal, of } = threats[0]!
  const { target, kind, action, key, params } = proposal
  const concerned = threats.filter((item) => item.proposal.action === action)
  const rows = concerned.map((item) => item.of.diseaseDays.filter(({ disease }) => disease === target))
  const newest = rows.flatMap((days) => days.at(-1) ?? [])
  const watch = of.watches.find(({ subject }) => subject === target)
  const dates = concerned.flatMap(({ proposal: { fromDay, toDay } }) =>
    fromDay !== null && toDay !== null ? [{ fromDay, toDay }] : [],
  )
  return {
    target,
    kind,
    action,
    reason: { key, params },
    fieldId: of.fieldId,
    level: kind === 'insect' ? levelOfAction[action] : worst(newest.map(({ level }) => level)),
    fields: concerned.map((item) => ({ id: item.of.fieldId, name: item.of.fieldName })),
    otherFields: threats.length - concerned.length,
    look: action === 'scout' ? spanOf(dates) : null,
    spray: action === 'treat' ? spanOf(dates) : null,
    throughDay:
      kind === 'insect' ? (watch?.throughDay ?? null) : (newest.map(({ day }) => day).sort()[0] ?? null),
    days: kind === 'insect' ? [] : strip(of.today, rows.flat()),
    heat: watch ? heatOf(watch) : null,
    modelId: flightModels.get(`${of.fieldId}/${target}`) ?? null,
  }
}

const worst = (levels: readonly Level[]): Level =>
  levels.toSorted((a, b) => levelRank[a] - levelRank[b])[0] ?? 'unknown'

const spanOf = (dates: readonly { fromDay: Day; toDay: Day }[]): Hazard['look'] =>
  dates.length === 0
    ? null
    : {
        fromDay: dates.map(({ fromDay }) => fromDay).sort()[0]!,
        toDay: dates
          .map(({ toDay }) => toDay)
          .sort()
          .at(-1)!,
      }

/** The worst level of each day over several fields. */
function strip(today: Day, rows: readonly DiseaseDayRow[]): StripDay[] {
  return Array.from({ length: DAYS_BACK + 1 + DAYS_AHEAD }, (_, i) => {
    const day = addDays(today, i - DAYS_BACK)
    const [gravest] = rows
      .filter((row) => row.day === day)
      .sort((a, b) => levelRank[a.level] - levelRank[b.level])
    return { day, level: gravest?.level ?? null, sign: gravest ? blastamSign(gravest) : null }
  })
}

const signs = new Map<string, StripDay['sign']>([
  ['blast-favourable', 'favourable'],
  ['blast-1', '1'],
  ['blast-2', '2'],
  ['blast-3', '3'],
  ['blast-4', '4'],
  ['blast-none', 'none'],
])

function blastamSign({ disease, reason, level }: DiseaseDayRow): StripDay['sign'] {
  if (disease !== 'rice-leaf-blast') return null
  return signs.get(readDiseaseReason(reason).key) ?? (level === 'unknown' ? 'unknown' : null)
}

/** The progress bar of an insect: its sum, the next event, and the best dates known for it. */
function heatOf({ sumCd, nextEvent, outlook }: DegreeDayTrackerRow): Hazard['heat'] {
  if (nextEvent === null) return null
  const next = readNextEvent(nextEvent)
  const better = outlook === null ? null : readPestOutlook(outlook).next
  const { fromDay, toDay } = better?.key === next.key ? better : next
  return { sumCd, needCd: next.needCd, event: next.key, fromDay, toDay }
}
