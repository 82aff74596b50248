/** The expected flow of the valves of a controller: learned, or entered with the zone, or unknown. */
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import { readAlertParams, readModelTerms } from '../../tables.ts'
import type { ExpectedFlow, FlowRates } from './flow-limits.ts'
import { zoneFlowLpm } from '../interlocks/interlocks.ts'
import type { Rows } from '../command-rows.ts'

export const noRates: FlowRates = { expected: new Map(), meteredLitres: new Map() }

const COUNTED_WITHIN_MS = 60 * DAY_MS

/** The expected flows of the valves of a controller, and the valves whose meter works. */
export async function loadFlowRates(rows: Rows, device: string, nowMs: AtMs): Promise<FlowRates> {
  const expectedFlows = new Map<string, ExpectedFlow>()
  const zones = await rows.selectFrom('zone').selectAll().where('controllerId', '=', device).execute()
  for (const zone of zones) {
    const lpm = zoneFlowLpm(zone)
    if (zone.valve !== null && lpm > 0) expectedFlows.set(zone.valve, { lpm, sd: 0, from: 'entered' })
  }
  for (const [valve, flow] of await loadLearnedFlows(rows, device)) {
    if (flow === null) continue
    expectedFlows.set(valve, flow)
  }
  return { expected: expectedFlows, meteredLitres: await loadMeteredValves(rows, device, nowMs) }
}

/** From the newest fit of each valve; null where the fit is not used. */
async function loadLearnedFlows(rows: Rows, device: string): Promise<Map<string, ExpectedFlow | null>> {
  const models = await rows
    .selectFrom('model')
    .select(['subject', 'state', 'terms'])
    .where('kind', '=', 'valve-flow')
    .where('deviceId', '=', device)
    .orderBy('version')
    .execute()
  return new Map(
    models.map(({ subject, state, terms }) => {
      const flow = readModelTerms(terms).find(({ key }) => key === 'flow')
      const isUsed = state === 'used' && flow !== undefined && flow.coefficient > 0
      const valve = subject.slice(device.length + 1) // 'device:valve'
      return [valve, isUsed ? { lpm: flow.coefficient, sd: flow.sd ?? 0, from: 'learned' } : null]
    }),
  )
}

/** Since a person last reported a stuck meter, if ever. */
async function loadMeteredValves(rows: Rows, device: string, nowMs: AtMs): Promise<Map<string, number>> {
  const cleared = await rows
    .selectFrom('alert')
    .select(['params', 'clearedMs'])
    .where('cause', '=', 'flow-alarm')
    .where('deviceId', '=', device)
    .where('clearedMs', 'is not', null)
    .orderBy('clearedMs', 'desc')
    .limit(50)
    .execute()
  const distrusted =
    cleared.find(({ params }) => readAlertParams(params)['flow'] === 'no-flow')?.clearedMs ?? 0
  const metered = await rows
    .selectFrom('irrigation')
    .innerJoin('command', 'command.id', 'irrigation.commandId')
    .select((row) => ['command.valve', row.fn.min('irrigation.litres').as('litres')])
    .groupBy('command.valve')
    .where('command.deviceId', '=', device)
    .where('irrigation.volumeSource', '=', 'metered')
    .where('irrigation.voidedAtMs', 'is', null)
    .where('irrigation.litres', '>', 0)
    .where('irrigation.commandedAtMs', '>', Math.max(distrusted, nowMs - COUNTED_WITHIN_MS))
    .execute()
  return new Map(metered.map(({ valve, litres }) => [valve, Number(litres)]))
}
