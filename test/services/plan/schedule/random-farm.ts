/** Extreme farms: up to 200 zones on a tree of pipes, every rule set at random, often infeasible. */
import fc from 'fast-check'
import { HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { union } from '../../../../services/plan/schedule/spans.ts'
import type {
  Dosing,
  HourRule,
  Job,
  Problem,
  Resource,
  Span,
} from '../../../../services/plan/schedule/types.ts'

export const start = Date.UTC(2026, 6, 24)
export const minute = (m: number): number => start + m * MINUTE_MS
export const span = (from: number, length: number): Span => ({
  fromMs: minute(from),
  toMs: minute(from + length),
})
const DAY = 1440
/** Once in so many times; else null. */
const onceIn = <T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: times - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })

const spans = (min: number) =>
  fc
    .array(
      fc.record({ from: fc.integer({ min: 0, max: 2 * DAY }), length: fc.integer({ min: 10, max: 900 }) }),
      {
        minLength: min,
        maxLength: 4,
      },
    )
    .map((rows) => union(rows.map(({ from, length }) => span(from, length))))

const rules: fc.Arbitrary<HourRule[]> = fc
  .record({
    window: spans(1),
    wind: onceIn(4, spans(2)),
    frost: onceIn(6, spans(2)),
    turn: onceIn(6, spans(2)),
    labour: onceIn(6, spans(2)),
  })
  .map((kept) =>
    (['window', 'wind', 'frost', 'turn', 'labour'] as const).flatMap((limit) =>
      kept[limit] === null ? [] : [{ limit, spans: kept[limit] }],
    ),
  )

const dosing: fc.Arbitrary<Dosing | null> = onceIn(
  3,
  fc.record({
    unitId: fc.constantFrom('unit-1', 'unit-2'),
    leadMinutes: fc.integer({ min: 0, max: 20 }),
    flushMinutes: fc.integer({ min: 0, max: 20 }),
    order: fc.option(fc.integer({ min: 0, max: 5 })),
  }),
)

// the parent of the sub-mains
const paths = [['pump-1'], ['pump-1', 'main-a'], ['pump-1', 'main-a', 'sub-b'], ['pump-2'], []]

const jobs = (maxZones: number): fc.Arbitrary<Job[]> =>
  fc
    .array(
      fc.record({
        flowLpm: fc.integer({ min: 20, max: 900 }),
        minutes: fc.integer({ min: 5, max: 400 }),
        minMinutes: fc.integer({ min: 1, max: 30 }),
        cycle: onceIn(
          2,
          fc.record({
            maxMinutes: fc.integer({ min: 10, max: 120 }),
            soakMinutes: fc.integer({ min: 0, max: 90 }),
          }),
        ),
        rules,
        due: fc.integer({ min: -600, max: 3000 }),
        valuePerM3: fc.double({ min: 0.1, max: 20, noNaN: true }),
        path: fc.constantFrom(...paths),
        dosing,
        currentStart: onceIn(3, fc.integer({ min: 0, max: 2000 })),
      }),
      { minLength: 1, maxLength: maxZones, size: 'max' },
    )
    .map((rows) =>
      rows.map(({ due, currentStart, ...row }, i) => ({
        ...row,
        id: `zone-${i}`,
        dueMs: minute(due),
        currentOpenings: currentStart === null ? [] : [span(currentStart, row.minutes)],
      })),
    )

const resource = (id: string): fc.Arbitrary<Resource> =>
  fc.record({
    id: fc.constant(id),
    capacityLpm: fc.integer({ min: 400, max: 6000 }),
    maxOpen: fc.integer({ min: 1, max: 12 }),
    changeoverMs: fc.constantFrom(0, 2 * MINUTE_MS, 5 * MINUTE_MS),
    quotas: onceIn(2, fc.array(fc.integer({ min: -1000, max: 900_000 }), { minLength: 3, maxLength: 3 })).map(
      (left) => [
        ...(left ?? []).map((litres, day) => ({
          ...span(day * DAY, DAY),
          limit: 'pump-budget' as const,
          litres,
        })),
        ...(left ? [{ ...span(0, 3 * DAY), limit: 'season-quota' as const, litres: 1_500_000 }] : []),
      ],
    ),
    prices: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 48 }).map((perHour) =>
      perHour.map((perM3, hour) => ({
        fromMs: start + hour * HOUR_MS,
        toMs: start + (hour + 1) * HOUR_MS,
        perM3,
      })),
    ),
  })

const taken = fc.array(
  fc.record({
    from: fc.integer({ min: -60, max: 1500 }),
    length: fc.integer({ min: 5, max: 300 }),
    flowLpm: fc.integer({ min: 20, max: 2000 }),
    path: fc.constantFrom(...paths),
    unitId: onceIn(3, fc.constantFrom('unit-1', 'unit-2')),
  }),
  { maxLength: 3 },
)

export const farms = (maxZones: number): fc.Arbitrary<Problem> =>
  fc
    .record({
      jobs: jobs(maxZones),
      resources: fc.tuple(...['pump-1', 'main-a', 'sub-b', 'pump-2'].map(resource)),
      taken,
      from: fc.integer({ min: 0, max: 300 }),
    })
    .map(({ jobs, resources, taken, from }) => ({
      fromMs: minute(from),
      jobs,
      resources,
      fixedFlows: taken.map(({ from: at, length, ...rest }) => ({ ...rest, ...span(at, length) })),
    }))
