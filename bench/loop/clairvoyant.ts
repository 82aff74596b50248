/**
 * The season irrigated with perfect knowledge of weather, soil, failing runs and efficiency. A search over the days
 * and depths of irrigation that starts from the schedules of all other policies and changes one element at a time
 * (drop, move, join, split, more, less, add) while profit rises. It is a lower bound of the true optimum;
 * `moreSearchGain` states the gain of a longer search.
 */
import { random, type Random } from '../../firmware-sim/random.ts'
import { simulateDay } from './field.ts'
import { LIMITS, outcomeOf, type Outcome, type Season } from './season.ts'
import { copyOf, type FieldState } from './state.ts'

/** Schedules tried while worse ones are accepted too, and after that without an improvement. */
const TRIALS = 2000
const PATIENCE = 300
const STARTS = 2
/** a worse schedule is accepted with e^(-loss / heat); heat falls from this share of the profit to 0 */
const HEAT = 0.004

/** The best result of the search: never worse than any starting schedule. */
export function clairvoyant(
  season: Season,
  starts: readonly Float64Array[],
  seed: string,
  effort = 1,
): Outcome {
  const runs = replay(season)
  const chance = random(`${seed}/search`)
  const first = starts.map((schedule) => runs.outcome(schedule)).sort((a, b) => b.profit - a.profit)
  let best = first[0]!
  for (const start of first.slice(0, STARTS)) {
    const warm = anneal(season, runs, start, chance, Math.round(TRIALS * effort))
    const improved = climb(season, runs, warm, chance, Math.round(PATIENCE * effort))
    if (improved.profit > best.profit) best = improved
  }
  return best
}

/** Simulated annealing (Kirkpatrick et al. 1983): escapes local optima. Returns the best schedule found. */
function anneal(season: Season, runs: Replay, start: Outcome, chance: Random, trials: number): Outcome {
  let best = start
  let now = start
  const hot = HEAT * Math.max(100, Math.abs(start.profit))
  for (let i = 0; i < trials; i++) {
    const next = mutate(season, now.appliedMm, now.end.age - 1, chance)
    if (!next) continue
    const outcome = runs.outcome(next)
    const heat = hot * (1 - i / trials) ** 2
    const gain = outcome.profit - now.profit
    if (gain >= 0 || chance.next() < Math.exp(gain / Math.max(1e-9, heat))) now = outcome
    if (now.profit > best.profit) best = now
  }
  return best
}

interface Replay {
  outcome(schedule: Float64Array): Outcome
}

/** Simulates schedules; resumes at the first day that differs from the previous schedule. */
function replay({ climate, field, days, imperfections, start }: Season): Replay {
  const states: FieldState[] = [copyOf(start)] // before each day
  let last: Float64Array | null = null
  let played = 0
  return {
    outcome(schedule) {
      let from = 0
      if (last) while (from < played && last[from] === schedule[from]) from++
      let i = from
      for (; i < days.length; i++) {
        const state = copyOf(states[i]!)
        simulateDay(field, state, days[i]!, schedule[i]! * imperfections.efficiency)
        states[i + 1] = state
        if (state.isRipe) {
          i++
          break
        }
      }
      played = i
      last = schedule
      return outcomeOf(climate, field, states[i]!, schedule)
    },
  }
}

function climb(season: Season, runs: Replay, start: Outcome, chance: Random, patience: number): Outcome {
  let best = start
  const lastDay = start.end.age - 1
  for (let idle = 0; idle < patience; idle++) {
    const next = mutate(season, best.appliedMm, lastDay, chance)
    if (!next) continue
    const outcome = runs.outcome(next)
    if (outcome.profit > best.profit + 1e-9) {
      best = outcome
      idle = -1
    }
  }
  return best
}

/** A schedule with one change; null without a change. */
function mutate(
  { imperfections }: Season,
  schedule: Float64Array,
  lastDay: number,
  chance: Random,
): Float64Array | null {
  const next = Float64Array.from(schedule)
  const events: number[] = []
  for (let i = 0; i <= lastDay; i++) if (schedule[i]! > 0) events.push(i)
  const pick = () => events[Math.floor(chance.next() * events.length)]!
  const kind = Math.floor(chance.next() * 7)
  if (events.length === 0 || kind === 0) {
    const day = 1 + Math.floor(chance.next() * lastDay)
    next[day] = depth(next[day]! + 10 + 40 * chance.next())
  } else if (kind === 1) next[pick()] = 0
  else if (kind === 2) {
    const day = pick()
    next[day] = depth(next[day]! + (chance.next() < 0.5 ? -1 : 1) * (1 + 14 * chance.next()))
  } else if (kind === 3) {
    const day = pick()
    move(next, day, day + (chance.next() < 0.5 ? -1 : 1) * (1 + Math.floor(6 * chance.next())), next[day]!)
  } else if (kind === 4) {
    // join two runs
    const day = pick()
    const nextEvent = events.find((eventDay) => eventDay > day)
    if (nextEvent === undefined) return null
    move(next, day, nextEvent, next[day]!)
  } else if (kind === 5) {
    const day = pick()
    move(next, day, day + 1 + Math.floor(10 * chance.next()), next[day]! / 2)
  } else {
    const [from, to] = [pick(), pick()]
    move(next, from, to, Math.min(next[from]!, 2 + 10 * chance.next()))
  }
  for (let i = 0; i < next.length; i++) if (next[i]! > 0 && imperfections.isFailing[i]) return null
  if (next[0]! > 0) return null
  return next
}

function move(schedule: Float64Array, from: number, to: number, mm: number): void {
  if (to < 1 || to >= schedule.length || from === to) return
  const added = depth(schedule[to]! + mm)
  schedule[from] = depth(schedule[from]! - mm)
  schedule[to] = added
}

const depth = (mm: number): number =>
  mm < LIMITS.leastMm ? 0 : Math.min(LIMITS.mostMm, Math.round(mm * 10) / 10)
