/** Compares the server's records with the actual valve openings, read from the state after the server has ended. */
import { join } from 'node:path'
import { isActiveState } from '../../../broker/contract/command-lifecycle/types.ts'
import { MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { atMost, count, type Figure } from '../../support/report.ts'
import { seconds } from './fault-line.ts'
import type { FastFarm } from './fast-farm.ts'
import { LITRES_PER_PULSE } from './valve-place.ts'

// an opening may last a second longer than commanded (invariant I2 of the contract); timers of a busy machine are a
// tenth of a second late in real time, also on a fast farm clock
const SLACK_MS = SECOND_MS
const TIMER_MS = 100

export async function recordFigures(
  line: string,
  { dataDir, zones, watch, speed }: Pick<FastFarm, 'dataDir' | 'zones' | 'watch' | 'speed'>,
): Promise<Figure[]> {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const [runs, commands, records] = await Promise.all([
    state.selectFrom('run').selectAll().where('cause', '=', 'manual').execute(),
    state.selectFrom('command').selectAll().where('op', '=', 'open').execute(),
    state.selectFrom('irrigation').selectAll().execute(),
  ]).finally(close)
  const openings = watch.openings()
  let overMs = 0
  let twice = 0
  let largest = { litres: 0, zone: '' }
  for (const { id } of zones) {
    const zoneOpenings = openings.filter(({ zone }) => zone === id)
    const doseMs = runs
      .filter(({ zoneId }) => zoneId === id)
      .reduce((sum, run) => sum + run.minutes * MINUTE_MS, 0)
    const openMs = zoneOpenings.reduce(
      (sum, { openedMs, closedMs }) => sum + ((closedMs ?? Infinity) - openedMs),
      0,
    )
    overMs = Math.max(overMs, openMs - doseMs - (SLACK_MS + TIMER_MS * speed) * zoneOpenings.length)
    const runIds = new Set(runs.filter(({ zoneId }) => zoneId === id).map((run) => run.id))
    const ranCommands = commands.filter(
      ({ runId, ranMs }) => runId !== null && runIds.has(runId) && (ranMs ?? 0) > 0,
    )
    twice += Math.max(0, zoneOpenings.length - ranCommands.length)
    const ownRecords = records.filter(({ zoneId }) => zoneId === id)
    // after a power loss the volume is unknown, and recorded as unknown
    if (ownRecords.every(({ volumeSource }) => volumeSource === 'metered')) {
      const litres = ownRecords.reduce((sum, record) => sum + record.litres!, 0)
      const offLitres = Math.abs(litres - watch.passedLitres(id))
      if (offLitres > largest.litres)
        largest = { litres: offLitres, zone: `${id}: ${litres} of ${watch.passedLitres(id).toFixed(1)} L` }
    }
  }
  const unwritten = commands.filter(
    ({ id, ranMs }) => (ranMs ?? 0) > 0 && !records.some(({ commandId }) => commandId === id),
  )
  const unended = commands.filter(({ state }) => isActiveState(state))
  return [
    atMost(line, `irrigated over the dose, of ${openings.length} openings`, overMs, 0, seconds),
    atMost(line, 'openings without a command', twice, 0, count),
    atMost(line, `commands without an end, of ${commands.length}`, unended.length, 0, count),
    atMost(line, `runs without a record, of ${records.length}`, unwritten.length, 0, count),
    atMost(
      line,
      `records off the actual flow (${largest.zone})`,
      largest.litres,
      LITRES_PER_PULSE * 2,
      (value) => `${value.toFixed(1)} L`,
    ),
  ]
}
