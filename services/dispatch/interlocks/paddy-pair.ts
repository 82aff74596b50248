/**
 * Inlet and outlet of a paddy are a pair: neither opens while the other is open, unless a flush was requested; and no
 * plan drains water during a herbicide hold. Inputs of the interlocks.
 */
import { dayOf, daysBetween } from '../../../broker/contract/time.ts'
import type { ZoneRow } from '../../tables.ts'
import { openValves, type DispatchState, type DispatchServices } from '../dispatch-state.ts'
import type { InterlockInputs } from './interlocks.ts'
import { freshReport } from '../controllers/connections.ts'
import type { Rows } from '../command-rows.ts'

type PairInputs = Pick<InterlockInputs, 'pair' | 'isHeld'>

const free: PairInputs = { pair: 'free', isHeld: false }

/** Reads the state of the paired inlet or outlet of a paddy, and its herbicide hold. */
export async function readPairInputs(
  dispatch: DispatchServices & Pick<DispatchState, 'connections' | 'openCommands'>,
  rows: Rows,
  zone: ZoneRow | null,
): Promise<PairInputs> {
  if (zone?.method !== 'outlet' && zone?.method !== 'flood') return free
  const nowMs = dispatch.clock.now()
  const paddy = await rows
    .selectFrom('paddy')
    .select(['flushUntilMs', 'herbicideDay', 'holdDays'])
    .where('fieldId', '=', zone.fieldId)
    .executeTakeFirst()
  const isFlushing = paddy?.flushUntilMs != null && paddy.flushUntilMs > nowMs
  const pairedZones = await rows
    .selectFrom('zone')
    .select(['controllerId', 'valve', 'method'])
    .where('fieldId', '=', zone.fieldId)
    .where('id', '!=', zone.id)
    .execute()
  const states = pairedZones
    .filter((pairedZone) => (pairedZone.method === 'outlet') !== (zone.method === 'outlet'))
    .map((pairedZone) => pairedValveState(dispatch, pairedZone))
  const pair = states.find((item) => item === 'open') ?? states.find((item) => item === 'unknown') ?? 'free'
  return { pair: isFlushing ? 'free' : pair, isHeld: zone.method === 'outlet' && (await isHeldNow()) }

  async function isHeldNow(): Promise<boolean> {
    if (paddy?.herbicideDay == null) return false
    const farm = await rows
      .selectFrom('farm')
      .select('timeZone')
      .where('id', '=', zone!.farmId)
      .executeTakeFirst()
    const days = daysBetween(paddy.herbicideDay, dayOf(nowMs, farm?.timeZone ?? 'UTC'))
    return days >= 0 && days < paddy.holdDays
  }
}

/**
 * Open includes unexpectedly open: stuck, or opened by hand, by the state or feedback that its controller reports. A
 * valve without a controller is unknown to Tilth and the responsibility of a person.
 */
function pairedValveState(
  dispatch: DispatchServices & Pick<DispatchState, 'connections' | 'openCommands'>,
  { controllerId, valve }: Pick<ZoneRow, 'controllerId' | 'valve'>,
): PairInputs['pair'] {
  if (controllerId === null || valve === null) return 'free'
  if (openValves(dispatch).some((open) => open.deviceId === controllerId && open.valve === valve))
    return 'open'
  const link = dispatch.connections.get(controllerId)
  const report = link && freshReport(link, dispatch.clock.now(), dispatch.timing.freshMs)
  const reported = report?.valves.find(({ id }) => id === valve)
  if (!reported) return 'unknown'
  return reported.pos === 'open' || reported.fb === 'open' ? 'open' : 'free'
}
