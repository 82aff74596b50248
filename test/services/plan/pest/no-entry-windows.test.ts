/**
 * The plan respects the restrictions of a sprayed field: no run of its sprinklers before the spray is
 * rain-fast.
 */
import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { planFarm } from '../../../../services/plan/run/plan-farm.ts'
import { noEntryWindows } from '../../../../services/plan/pest/no-entry-windows.ts'
import type { ZoneRow } from '../../../../services/tables.ts'
import { at, snapshot, zoneRow } from '../farm.ts'

const evening = at(-4)
const times = { nowMs: evening, stateValidMs: 6 * HOUR_MS, silentBeforeMs: evening - 15 * MINUTE_MS }
/** Sprayed from 05:00 to 06:00. */
const noEntry = (rainFastHours: number | null) =>
  noEntryWindows([
    {
      id: 't',
      fieldId: 'field-1',
      state: 'confirmed',
      fromMs: at(5),
      toMs: at(6),
      rainFastHours,
      reiHours: 12,
    },
  ])
const runOf = (zone: Partial<ZoneRow>, windows = noEntry(2)) =>
  planFarm(snapshot({ zones: [zoneRow(zone)], noEntryWindows: windows }), times).outcomes.flatMap(({ run }) =>
    run ? [run] : [],
  )[0]

describe('a field that is to be sprayed at five', () => {
  it('is irrigated at four where nothing is sprayed', () => {
    expect(runOf({}, [])!.startMs).toBe(at(4))
  })

  it('gets no sprinkler from two hours before until the spray is rain-fast', () => {
    for (const rainFastHours of [2, 6, null]) {
      const run = runOf({}, noEntry(rainFastHours))
      if (!run) continue
      const endMs = run.startMs + run.minutes * MINUTE_MS
      const untilMs = at(6) + (rainFastHours ?? 24) * HOUR_MS
      expect(endMs <= at(3) || run.startMs >= untilMs).toBe(true)
    }
    expect(runOf({}, noEntry(2))).toBeDefined()
  })

  it('is drip-irrigated as usual: that wets no leaf and needs nobody in the field', () => {
    expect(runOf({ method: 'drip' })?.startMs).toBe(runOf({ method: 'drip' }, [])?.startMs)
  })
})
