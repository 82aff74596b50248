/**
 * A treatment checked against the label, the season's other treatments and the harvest. Each rule returns
 * allowed, caution, forbidden, or unknown where its data is missing: unknown never counts as allowed. Pure.
 */
import { addDays, dayOf, daysBetween, HOUR_MS, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { Dose, Ingredient, TreatmentCheck, CheckResult } from '../../tables.ts'
import { inUnit } from './dose.ts'
import type { CheckKey, Params } from './message-keys.ts'
import { isForCrop, isSameText, useFor, type Label, type Use } from './label.ts'

/** Another treatment of the same field in the same season that is not void. */
export interface Application {
  id: string
  fromMs: AtMs
  toMs: AtMs
  product: { id: string; country: string; registrationNumber: string }
  ingredients: readonly Ingredient[]
}

export interface TreatmentCase {
  label: Label
  crop: string
  target: string
  dose: Dose | null
  fromMs: AtMs
  toMs: AtMs
  timeZone: string
  harvestDay: Day | null
  others: readonly Application[]
  /** work for which people enter the field: manual valves, other treatments */
  entries: readonly { atMs: AtMs; toMs: AtMs }[]
}

/** The order of results, the worst highest. */
export const resultSeverity: Record<CheckResult, number> = {
  allowed: 0,
  caution: 1,
  unknown: 2,
  forbidden: 3,
}

/** The combined result of all checks: the worst. */
export const worstResult = (checks: readonly { result: CheckResult }[]): CheckResult =>
  checks.reduce<CheckResult>(
    (worst, { result }) => (resultSeverity[result] > resultSeverity[worst] ? result : worst),
    'allowed',
  )

/** Always in the same order, some rules with one check per active ingredient. `worstResult` combines them. */
export function checkTreatment(treatment: TreatmentCase): TreatmentCheck[] {
  const use = useFor(treatment.label, treatment.crop, treatment.target)
  return [
    authorised(treatment),
    ...onLabel(treatment),
    phi(treatment, use),
    rei(treatment),
    countOfProduct(treatment, use),
    ...countOfIngredients(treatment, use),
    interval(treatment, use),
    rotation(treatment),
    ...dose(treatment, use),
    buffer(use),
  ]
}

const check = (key: CheckKey, result: CheckResult, params: Params = {}): TreatmentCheck => ({
  key,
  result,
  params,
})

const dayAt = ({ timeZone }: TreatmentCase, atMs: AtMs): Day => dayOf(atMs, timeZone)

function authorised(treatment: TreatmentCase): TreatmentCheck {
  const { authorisedUntil: untilDay, retiredAtMs } = treatment.label.product
  if (retiredAtMs !== null && retiredAtMs <= treatment.toMs)
    return check('authorised', 'forbidden', { untilDay })
  if (untilDay === null) return check('authorised', 'unknown', { untilDay })
  return check('authorised', dayAt(treatment, treatment.toMs) <= untilDay ? 'allowed' : 'forbidden', {
    untilDay,
  })
}

/** A label without known uses leaves a crop unknown; one with other uses forbids it. */
function onLabel({ label, crop, target }: TreatmentCase): TreatmentCheck[] {
  if (label.uses.length === 0)
    return [check('crop', 'unknown', { crop }), check('target', 'unknown', { crop })]
  if (!isForCrop(label, crop)) return [check('crop', 'forbidden', { crop })]
  const result = useFor(label, crop, target) ? 'allowed' : 'forbidden'
  return [check('crop', 'allowed', { crop }), check('target', result, { crop })]
}

/** Days are counted from the day after spraying: 21 days from 10 July is 31 July. */
export const earliestHarvest = (sprayDay: Day, phiDays: number): Day => addDays(sprayDay, phiDays)

function phi(treatment: TreatmentCase, use: Use | null): TreatmentCheck {
  const days = use?.phiDays ?? null
  const { harvestDay } = treatment
  if (days === null) return check('phi', 'unknown', { days, earliestDay: null, harvestDay })
  const earliestDay = earliestHarvest(dayAt(treatment, treatment.toMs), days)
  if (harvestDay === null) return check('phi', 'unknown', { days, earliestDay, harvestDay })
  return check('phi', harvestDay >= earliestDay ? 'allowed' : 'forbidden', { days, earliestDay, harvestDay })
}

function rei(treatment: TreatmentCase): TreatmentCheck {
  const { reiHours: hours } = treatment.label.product
  if (hours === null) return check('rei', 'unknown', { hours, untilMs: null, atMs: null })
  const untilMs = treatment.toMs + hours * HOUR_MS
  const harvestsWithin =
    treatment.harvestDay !== null &&
    treatment.harvestDay <= dayAt(treatment, untilMs) &&
    treatment.harvestDay >= dayAt(treatment, treatment.fromMs)
  if (harvestsWithin) return check('rei', 'forbidden', { hours, untilMs, atMs: null })
  const entry = treatment.entries.find(({ atMs, toMs }) => atMs < untilMs && toMs > treatment.fromMs)
  return check('rei', entry ? 'forbidden' : 'allowed', { hours, untilMs, atMs: entry?.atMs ?? null })
}

const isSameProduct = ({ label: { product } }: TreatmentCase, other: Application['product']): boolean =>
  other.id === product.id ||
  (other.country === product.country && other.registrationNumber === product.registrationNumber)

function countOfProduct(treatment: TreatmentCase, use: Use | null): TreatmentCheck {
  const max = use?.maxPerSeason ?? null
  const count = treatment.others.filter(({ product }) => isSameProduct(treatment, product)).length + 1
  if (max === null) return check('count-product', 'unknown', { count, max })
  return check('count-product', count <= max ? 'allowed' : 'forbidden', { count, max })
}

/** Labels in Japan count by active ingredient, over all products that contain it. */
function countOfIngredients(treatment: TreatmentCase, use: Use | null): TreatmentCheck[] {
  const { ingredients } = treatment.label
  if (ingredients.length === 0)
    return [check('count-ingredient', 'unknown', { ingredient: null, count: null, max: null })]
  return ingredients.map(({ name }) => {
    const max = maxOf(use, name)
    const isHidden = treatment.others.some(
      (other) => other.ingredients.length === 0 && !isSameProduct(treatment, other.product),
    )
    const count =
      treatment.others.filter((other) => has(other, name) || isSameProduct(treatment, other.product)).length +
      1
    const params = { ingredient: name, count, max }
    if (max !== null && count > max) return check('count-ingredient', 'forbidden', params)
    return check('count-ingredient', max === null || isHidden ? 'unknown' : 'allowed', params)
  })
}

const maxOf = (use: Use | null, name: string): number | null => {
  const limit = Object.entries(use?.maxPerIngredient ?? {}).find(([key]) => isSameText(key, name))
  return limit?.[1] ?? null
}
const has = ({ ingredients }: Application, name: string): boolean =>
  ingredients.some((ingredient) => isSameText(ingredient.name, name))

/** Days between treatments with the same product, before and after. */
function interval(treatment: TreatmentCase, use: Use | null): TreatmentCheck {
  const days = use?.intervalDays ?? null
  const day = dayAt(treatment, treatment.fromMs)
  const others = treatment.others
    .filter(({ product }) => isSameProduct(treatment, product))
    .map(({ fromMs }) => dayAt(treatment, fromMs))
    .toSorted((a, b) => Math.abs(daysBetween(a, day)) - Math.abs(daysBetween(b, day)))
  const nearest = others[0]
  if (nearest === undefined) return check('interval', 'allowed', { days, lastDay: null })
  if (days === null) return check('interval', 'unknown', { days, lastDay: nearest })
  const daysApart = Math.abs(daysBetween(nearest, day))
  return check('interval', daysApart >= days ? 'allowed' : 'forbidden', { days, lastDay: nearest })
}

/**
 * The same mode of action twice in a row selects for resistance. Compared within a scheme: a fungicide between
 * two insecticides changes nothing. Multi-site groups (FRAC M) are exempt.
 */
function rotation(treatment: TreatmentCase): TreatmentCheck {
  const earlier = treatment.others
    .filter(({ fromMs }) => fromMs < treatment.fromMs)
    .toSorted((a, b) => b.fromMs - a.fromMs)
  const groups = groupsOf(treatment.label.ingredients)
  if (earlier.length === 0) return check('group', 'allowed', { group: null, lastDay: null })
  for (const group of groups.known) {
    const last = earlier.find(({ ingredients }) => hasScheme(ingredients, schemeOf(group)))
    if (last && groupsOf(last.ingredients).known.has(group))
      return check('group', 'caution', { group, lastDay: dayAt(treatment, last.fromMs) })
  }
  const isHidden = !groups.isWhole || earlier.some(({ ingredients }) => !groupsOf(ingredients).isWhole)
  return check('group', isHidden ? 'unknown' : 'allowed', {
    group: null,
    lastDay: dayAt(treatment, earlier[0]!.fromMs),
  })
}

const schemeOf = (group: string): string => group.split(' ')[0]!
const hasScheme = (ingredients: readonly Ingredient[], scheme: string): boolean =>
  [...groupsOf(ingredients).known].some((group) => schemeOf(group) === scheme)

function groupsOf(ingredients: readonly Ingredient[]): { known: Set<string>; isWhole: boolean } {
  const named = ingredients.flatMap(({ group }) => (group === null ? [] : [group.trim().toUpperCase()]))
  return {
    known: new Set(named.filter((group) => !/^FRAC M/.test(group))),
    isWhole: ingredients.length > 0 && named.length === ingredients.length,
  }
}

function dose(treatment: TreatmentCase, use: Use | null): TreatmentCheck[] {
  const { dose } = treatment
  const checks: TreatmentCheck[] = []
  const amount = dose && use?.doseUnit ? inUnit(dose.amount, dose.unit, use.doseUnit) : null
  const [lo, hi] = [use?.doseLo ?? null, use?.doseHi ?? null]
  const params = { amount, unit: use?.doseUnit ?? dose?.unit ?? null, lo, hi }
  const isByDilution = use !== null && use.doseUnit === null && use.dilutionLo !== null
  if (!isByDilution) checks.push(check('dose', within(amount, lo, hi), params))
  if (use && (use.dilutionLo !== null || use.dilutionHi !== null)) {
    const { dilutionLo, dilutionHi } = use
    const dilution = dose?.dilution ?? null
    checks.push(
      check('dilution', dilutionResult(dilution, dilutionLo, dilutionHi), {
        dilution,
        lo: dilutionLo,
        hi: dilutionHi,
      }),
    )
  }
  return checks
}

/** A lower dilution is stronger: below the lower limit is more than the label allows. */
function dilutionResult(times: number | null, lo: number | null, hi: number | null): CheckResult {
  if (times === null || lo === null) return 'unknown'
  if (isBelow(times, lo)) return 'forbidden'
  return hi !== null && isBelow(hi, times) ? 'caution' : 'allowed'
}

// 1000 L / 3 is not 333.3 L: differences by rounding are equal
const isBelow = (a: number, b: number): boolean => a < b * (1 - 1e-6)

/**
 * More than the label is forbidden; less is not effective. Without an upper limit nothing is known to be
 * allowed.
 */
function within(value: number | null, lo: number | null, hi: number | null): CheckResult {
  if (value === null || hi === null) return 'unknown'
  if (isBelow(hi, value)) return 'forbidden'
  return lo !== null && isBelow(value, lo) ? 'caution' : 'allowed'
}

function buffer(use: Use | null): TreatmentCheck {
  const metres = use?.bufferM ?? null
  if (metres === null) return check('buffer', 'unknown', { metres })
  // the distance to water is unknown
  return check('buffer', metres === 0 ? 'allowed' : 'caution', { metres })
}
