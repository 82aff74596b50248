/**
 * The action against a pest: treat, scout, wait, or no judgement. An unknown risk is never "wait": missing data
 * on an insect is not good news. Pure.
 */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import type { Pest } from '../../agronomy/pests/pest.ts'
import {
  readNextEvent,
  readPestOutlook,
  type DiseaseDayRow,
  type DegreeDayTrackerRow,
  type PestEconomicsRow,
} from '../../tables.ts'
import { customThreshold, thresholdFor, type ActionThreshold } from './action-thresholds.ts'
import { economicThreshold, type EconomicThreshold } from './economic-threshold.ts'
import type { Params, ProposalKey } from './message-keys.ts'

type ProposedAction = 'treat' | 'scout' | 'wait' | 'cannot-judge'

export interface Proposal {
  target: string
  kind: 'insect' | 'disease'
  action: ProposedAction
  key: ProposalKey
  params: Params
  /** when the action meets the pest; null where no day is known */
  fromDay: Day | null
  toDay: Day | null
  threshold: { source: string; confirmed: boolean; check: string | null } | null // null: none is known
  economics: EconomicThreshold | null // null: the figures of the field are not used
}

/** Number of days for which a count is valid. */
const COUNT_VALID_DAYS = 2
/** Events so near are prepared for. */
const NEAR_DAYS = 7
/** An event has passed when the heat sum exceeds it by this amount, °C·d: about a week of summer. Unconfirmed. */
const PASSED_CD = 70
/** A favourable day for infection requires action for so long. Unconfirmed. */
const INFECTION_DAYS = 3
/** A spray is assumed to be effective for so long where its label has no figure. Unconfirmed. */
const PROTECTION_DAYS = 7

export interface LastSpray {
  day: Day
  intervalDays: number | null
}

export type TrackedInsect = Pick<
  DegreeDayTrackerRow,
  'subject' | 'sumCd' | 'throughDay' | 'missingDays' | 'nextEvent' | 'outlook'
>

/** The proposal for an insect with a degree-day model. */
export function insectProposal(
  watch: TrackedInsect,
  x: {
    pest: Pest | undefined
    crop: string
    today: Day
    last: LastSpray | null
    economics?: PestEconomicsRow | null
  },
): Proposal {
  const inTable = thresholdFor(watch.subject, x.crop)
  const economics =
    x.economics?.isUsed === 1 ? economicThreshold(x.economics, trapCount(watch), x.today) : null
  const threshold = economics ? customThreshold(watch.subject, inTable) : inTable
  const propose = proposalBuilder(watch.subject, 'insect', threshold, economics)
  if (!x.pest) return propose('cannot-judge', 'not-counted')
  if (watch.throughDay === null || daysBetween(watch.throughDay, x.today) > COUNT_VALID_DAYS)
    return propose('cannot-judge', 'count-old', { day: watch.throughDay })
  if (economics && economics.level === null)
    return propose('cannot-judge', 'figures-missing', { figures: economics.missing.join(' ') })
  const caught = economics ? customCatch(economics) : catchState(watch)
  const proposal = judgeInsect(watch, { ...x, pest: x.pest, caught }, threshold, propose)
  // the sum is too low by the missing days: an event that appears to be ahead may have passed
  if (proposal.action === 'wait' && watch.missingDays > 0 && restsOnSum.has(proposal.key))
    return propose('cannot-judge', 'days-missing', { days: watch.missingDays })
  return afterSpray(proposal, x, propose)
}

const restsOnSum = new Set<ProposalKey>(['event-ahead', 'catch-early'])

type BuildProposal = (action: ProposedAction, key: ProposalKey, params?: Params, dates?: Dates) => Proposal
interface Dates {
  fromDay: Day
  toDay: Day
}

const proposalBuilder =
  (
    target: string,
    kind: Proposal['kind'],
    threshold: ActionThreshold | null,
    economics: EconomicThreshold | null = null,
  ): BuildProposal =>
  (action, key, params = {}, dates) => ({
    target,
    kind,
    action,
    key,
    params,
    economics,
    fromDay: dates?.fromDay ?? null,
    toDay: dates?.toDay ?? null,
    threshold: threshold && {
      source: threshold.source,
      confirmed: threshold.confirmed,
      check: threshold.check,
    },
  })

function judgeInsect(
  watch: TrackedInsect,
  { pest, today, caught }: { pest: Pest; today: Day; caught: CatchState | null },
  threshold: ActionThreshold | null,
  propose: BuildProposal,
): Proposal {
  if (threshold === null) return withoutThreshold(watch, today, propose)
  const event = threshold.event === undefined ? null : eventState(watch, pest, threshold.event, today)
  switch (threshold.on) {
    case 'catch':
      return byCatch(caught, threshold, today, propose)
    case 'event':
      return byEvent(event!, threshold, watch.missingDays, propose)
    case 'catch-and-event':
      return byBoth(caught, event!, threshold, propose)
    case 'infection': // of a disease; an insect has none
      return propose('cannot-judge', 'not-counted')
  }
}

/** Without a threshold for a spray, the field is inspected. */
function withoutThreshold(watch: TrackedInsect, today: Day, propose: BuildProposal): Proposal {
  const outlook = watch.outlook === null ? null : readPestOutlook(watch.outlook).next
  const next = outlook ?? (watch.nextEvent === null ? null : readNextEvent(watch.nextEvent))
  if (next === null) return propose('cannot-judge', 'no-threshold')
  if (isLongPassed(next, watch, today))
    return propose('cannot-judge', 'days-missing', { days: watch.missingDays })
  const dates = { fromDay: later(next.fromDay, today), toDay: later(next.toDay, today) }
  return daysBetween(today, next.fromDay) <= NEAR_DAYS
    ? propose('scout', 'event-near', { event: next.key, ...dates }, dates)
    : propose('wait', 'event-ahead', { event: next.key, fromDay: next.fromDay }, dates)
}

interface CatchState {
  isReached: boolean | null
  /** `days` through `toDay`: closed days, so that a catch of today is not in it yet. */
  params: { caught: number | null; count: number; days: number | null; toDay: Day | null }
}
const trapCount = ({ outlook }: TrackedInsect): number | null =>
  outlook === null ? null : (readPestOutlook(outlook).threshold?.caught ?? null)

/** A count against a person's own figures has no number of days. */
const customCatch = ({ isReached, count, actAt }: EconomicThreshold): CatchState => ({
  isReached,
  params: { caught: count, count: actAt!, days: null, toDay: null },
})

function catchState({ outlook, throughDay }: TrackedInsect): CatchState | null {
  const threshold = outlook === null ? null : readPestOutlook(outlook).threshold
  return (
    threshold && {
      isReached: threshold.isReached,
      params: {
        caught: threshold.caught,
        count: threshold.count,
        days: threshold.perDays,
        toDay: throughDay,
      },
    }
  )
}

type EventState =
  | { at: 'near' | 'now' | 'ahead'; key: string; dates: Dates }
  | { at: 'past' | 'perhaps-past' | 'unknown'; key: string; dates: null }

/** The state of an event of the pest's row: by its heat sum, and by its calculated dates. */
function eventState(watch: TrackedInsect, pest: Pest, key: string, today: Day): EventState {
  const event = pest.events.find((candidate) => candidate.key === key)
  if (!event) return { at: 'unknown', key, dates: null }
  const endCd = Math.max(event.toCd ?? event.sumCd, event.sumCd + PASSED_CD)
  if (watch.sumCd > endCd) return { at: 'past', key, dates: null }
  if (watch.sumCd >= event.sumCd)
    return { at: 'now', key, dates: { fromDay: today, toDay: addDays(today, INFECTION_DAYS) } }
  const outlook = watch.outlook === null ? null : readPestOutlook(watch.outlook).next
  const next = watch.nextEvent === null ? null : readNextEvent(watch.nextEvent)
  const datedEvent = [outlook, next].find((candidate) => candidate?.key === key)
  // an earlier event has a date: this one is not sooner
  if (!datedEvent && next)
    return { at: 'ahead', key, dates: { fromDay: later(next.fromDay, today), toDay: next.toDay } }
  if (!datedEvent) return { at: 'unknown', key, dates: null }
  if (isLongPassed(datedEvent, watch, today)) return { at: 'perhaps-past', key, dates: null }
  const dates = { fromDay: later(datedEvent.fromDay, today), toDay: later(datedEvent.toDay, today) }
  return { at: daysBetween(today, datedEvent.fromDay) <= NEAR_DAYS ? 'near' : 'ahead', key, dates }
}

/**
 * Whether an event that the known days do not reach has passed, more than a week ago, however cold its unknown days were.
 * Sooner it is now: what follows it takes about a week.
 */
const isLongPassed = ({ toDay }: Dates, { throughDay }: TrackedInsect, today: Day): boolean =>
  throughDay !== null && toDay <= throughDay && daysBetween(toDay, today) > NEAR_DAYS

function byCatch(
  caught: CatchState | null,
  threshold: ActionThreshold,
  today: Day,
  propose: BuildProposal,
): Proposal {
  if (caught === null || caught.isReached === null)
    return propose('cannot-judge', 'catch-unknown', countOf(caught))
  return caught.isReached
    ? propose(threshold.act, 'catch-reached', caught.params, {
        fromDay: today,
        toDay: addDays(today, INFECTION_DAYS),
      })
    : propose('wait', 'catch-below', caught.params)
}

const countOf = (caught: CatchState | null): Params => ({
  count: caught?.params.count ?? null,
  days: caught?.params.days ?? null,
})

function byEvent(
  event: EventState,
  threshold: ActionThreshold,
  missingDays: number,
  propose: BuildProposal,
): Proposal {
  const { key } = event
  switch (event.at) {
    case 'now':
      return propose(threshold.act, 'event-now', { event: key }, event.dates)
    case 'near':
      return propose(threshold.act, 'event-near', { event: key, ...event.dates }, event.dates)
    case 'ahead':
      return propose('wait', 'event-ahead', { event: key, fromDay: event.dates.fromDay }, event.dates)
    case 'past':
      return propose('wait', 'event-past', { event: key })
    case 'perhaps-past':
      return propose('cannot-judge', 'days-missing', { days: missingDays })
    case 'unknown':
      return propose('cannot-judge', 'event-unknown', { event: key })
  }
}

/** Catch and event: enough insects are caught, and the spray meets the event. */
function byBoth(
  caught: CatchState | null,
  event: EventState,
  threshold: ActionThreshold,
  propose: BuildProposal,
): Proposal {
  const isReached = caught?.isReached ?? null
  const { key } = event
  if (isReached === false) return propose('wait', 'catch-below', caught!.params)
  if (isReached === null) {
    if (event.at === 'ahead')
      return propose('wait', 'event-ahead', { event: key, fromDay: event.dates.fromDay }, event.dates)
    return event.at === 'near' || event.at === 'now'
      ? propose('scout', 'catch-unknown', countOf(caught), event.dates)
      : propose('cannot-judge', 'catch-unknown', countOf(caught))
  }
  switch (event.at) {
    case 'near':
    case 'now':
      return propose(threshold.act, 'catch-and-event', { ...caught!.params, event: key }, event.dates)
    case 'ahead':
      return propose('wait', 'catch-early', { event: key, fromDay: event.dates.fromDay }, event.dates)
    case 'past':
    case 'perhaps-past':
      return propose('scout', 'catch-late', { event: key })
    case 'unknown':
      return propose('scout', 'catch-no-date', caught!.params)
  }
}

/** The proposal for a disease by its days; only those of the last fortnight are needed. */
export function diseaseProposal(
  disease: string,
  days: readonly Pick<DiseaseDayRow, 'day' | 'level'>[],
  x: { crop: string; today: Day; last: LastSpray | null },
): Proposal {
  const threshold = thresholdFor(disease, x.crop)
  const propose = proposalBuilder(disease, 'disease', threshold)
  const newest = days.at(-1)
  if (!newest || daysBetween(newest.day, x.today) > COUNT_VALID_DAYS)
    return propose('cannot-judge', 'infection-old', { day: newest?.day ?? null })
  const firstDay = addDays(newest.day, 1 - INFECTION_DAYS)
  const recent = days.filter(({ day }) => day >= firstDay)
  const last = (level: DiseaseDayRow['level']) => recent.findLast((day) => day.level === level)
  const high = last('high')
  const dates = { fromDay: x.today, toDay: addDays(x.today, INFECTION_DAYS) }
  if (high)
    return afterSpray(
      propose(threshold?.act ?? 'scout', 'infection-high', { day: high.day }, dates),
      x,
      propose,
    )
  const moderate = last('moderate')
  if (moderate) return propose('scout', 'infection-moderate', { day: moderate.day }, dates)
  const unknown = last('unknown')
  if (unknown || recent.length < INFECTION_DAYS)
    return propose('cannot-judge', 'infection-unknown', { day: unknown?.day ?? newest.day })
  return propose('wait', 'infection-low', { day: newest.day })
}

/** No second spray while an earlier one is effective, at any risk. */
function afterSpray(
  proposal: Proposal,
  x: { today: Day; last: LastSpray | null },
  propose: BuildProposal,
): Proposal {
  if (proposal.action !== 'treat' || x.last === null) return proposal
  const protectedUntil = addDays(x.last.day, x.last.intervalDays ?? PROTECTION_DAYS)
  return protectedUntil > x.today ? propose('wait', 'treated', { day: x.last.day }) : proposal
}

const later = (a: Day, b: Day): Day => (a > b ? a : b)
