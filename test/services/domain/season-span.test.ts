/** A season that nobody has closed ends where the next one on its field begins: neither takes what belongs to the other. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addDays, DAY_MS, dayOf } from '../../../broker/contract/time.ts'
import type { OpenState } from '../../../services/adapters/state.ts'
import { readLastDays } from '../../../services/domain/season-span.ts'
import { readSeasonRecords } from '../../../services/report/season/season-records.ts'
import { oneOrganisation } from '../../../firmware-sim/demo/members/members.ts'
import { writeRows } from '../../../firmware-sim/demo/members/write-members.ts'
import { openTestState } from '../../support/state.ts'
import type { SeasonRecord } from '../../../services/report/season/record.ts'
import { readSeasonRuns } from '../../../services/report/formats/season-adapt.ts'

const ORG = 'midori'
const YEAR = 2025
const NEXT = '2025-08-01' // in the middle of each season of the members
const made = () => oneOrganisation({ coop: ORG, members: 3, fields: 8, year: YEAR, yearsBack: 0 })
const [example] = made().season

let opened: OpenState
beforeEach(async () => void (opened = await openTestState()))
afterEach(() => opened.close())

const season = (fieldId: string, year: number, plantedDay: string) => ({
  ...example!,
  id: `${fieldId}-${year}-new`,
  fieldId,
  year,
  plantedDay,
  harvestedDay: null,
  yieldKg: null,
  yieldBasis: null,
})

async function records(year = YEAR): Promise<SeasonRecord[]> {
  const sources = [{ org: ORG, share: null }]
  const all: SeasonRecord[] = []
  for await (const record of readSeasonRecords(opened.state, { sources, year })) all.push(record)
  return all
}

/** What a season used, without what tells whether it was harvested. */
const used = (record: SeasonRecord) => ({
  days: record.days,
  runs: record.runs,
  waterM3: record.waterM3,
  meteredShare: record.meteredShare,
  runsWithoutVolume: record.runsWithoutVolume,
  rainMm: record.rainMm,
  etMm: record.etMm,
  rainMissingDays: record.rainMissingDays,
  etMissingDays: record.etMissingDays,
  stressDays: record.stressDays,
  heatSumCd: record.heatSumCd,
  yieldShare: record.yieldShare,
  diseaseDays: record.diseaseDays,
  diseaseUnknownDays: record.diseaseUnknownDays,
})

describe('a season without a recorded end', () => {
  it('has the sums that it would have if it had been closed the day before the next planting', async () => {
    const rows = made()
    for (const one of rows.season) one.harvestedDay = addDays(NEXT, -1)
    await writeRows(opened.state, rows)
    const closed = (await records()).map(used)

    await opened.state.updateTable('season').set({ harvestedDay: null }).execute()
    const whole = (await records()).map(used)
    await opened.state
      .insertInto('season')
      .values(rows.field.map(({ id }) => season(id, YEAR + 1, NEXT)))
      .execute()

    expect((await records()).map(used)).toEqual(closed)
    // and that is less than there was
    expect(whole.every(({ days }, i) => days! > closed[i]!.days!)).toBe(true)
    expect(whole.some(({ waterM3 }, i) => waterM3! > closed[i]!.waterM3!)).toBe(true)
  })

  it('shares every run and every day with the next one, none twice and none lost', async () => {
    const rows = made()
    for (const one of rows.season) one.harvestedDay = null
    await writeRows(opened.state, rows)
    await opened.state
      .insertInto('season')
      .values(rows.field.map(({ id }) => season(id, YEAR + 1, NEXT)))
      .execute()
    const both = [...(await records(YEAR)), ...(await records(YEAR + 1))]
    const days = both.reduce((sum, record) => sum + record.days!, 0)
    expect(days).toBe(rows.fieldDay.length)
    const runs = [...(await readSeasonRuns(opened.state, both)).values()].flat()
    expect(runs.map(({ id }) => id).sort()).toEqual(rows.irrigation.map(({ id }) => id).sort())
  })

  it('ends with its year or a year after planting, whichever is later, without a later planting', async () => {
    const rows = made()
    const [one, other] = rows.season
    Object.assign(one!, { harvestedDay: null, plantedDay: '2025-05-10' })
    Object.assign(other!, { harvestedDay: null, plantedDay: '2024-10-20' }) // winter wheat
    await writeRows(opened.state, rows)
    const last = await readLastDays(opened.state, [one!.id, other!.id])
    expect(last.get(one!.id)).toBe('2026-05-10')
    expect(last.get(other!.id)).toBe('2025-12-31')
  })

  it('that was harvested ends then, whatever was planted before its harvest', async () => {
    const rows = made()
    await writeRows(opened.state, rows)
    const [one] = rows.season
    await opened.state
      .insertInto('season')
      .values(season(one!.fieldId, YEAR, NEXT))
      .execute()
    expect((await readLastDays(opened.state, [one!.id])).get(one!.id)).toBe(one!.harvestedDay)
  })

  it('does not list a run of the year after', async () => {
    const rows = made()
    for (const each of rows.season) each.harvestedDay = null
    await writeRows(opened.state, rows)
    const [run] = rows.irrigation
    const lateMs = run!.commandedAtMs + 2 * 365 * DAY_MS
    await opened.state
      .insertInto('irrigation')
      .values({
        ...run!,
        id: 'late',
        commandId: 'late',
        runId: 'late',
        commandedAtMs: lateMs,
        openedAtMs: lateMs,
      })
      .execute()
    const all = await records()
    const runs = [...(await readSeasonRuns(opened.state, all)).values()].flat()
    expect(runs.every(({ commandedAtMs }) => dayOf(commandedAtMs, 'Asia/Tokyo') < '2027')).toBe(true)
    expect(runs).toHaveLength(rows.irrigation.length)
  })
})
