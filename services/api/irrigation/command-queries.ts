/** Reads commands with their zone, field, reported valve state and metered flow. */
import { activeStates } from '../../../broker/contract/command-lifecycle/types.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { Latest, SeriesStore, State } from '../../ports.ts'
import type { CommandRow } from '../../tables.ts'
import type { CommandRows } from './command-view.ts'
import { orDefaultAfter } from '../http/with-timeout.ts'

// an older flow is not the current one
const FLOW_MAX_AGE_MS = 15 * MINUTE_MS
// a command is shown without its flow rather than late
const FLOW_TIMEOUT_MS = 500

interface Stores {
  state: State
  series: SeriesStore
}

/** Open commands that have not ended, of an organisation or of one field. */
export async function readLiveCommands(
  stores: Stores,
  org: string,
  nowMs: AtMs,
  fieldId?: string,
): Promise<CommandRows[]> {
  const commands = await stores.state
    .selectFrom('command')
    .selectAll()
    .where('org', '=', org)
    .where('op', '=', 'open')
    .where('state', 'in', activeStates)
    .orderBy('createdAtMs')
    .execute()
  const rows = await withContext(stores, org, nowMs, commands)
  return fieldId === undefined ? rows : rows.filter(({ zone }) => zone.fieldId === fieldId)
}

/** One command; null when the organisation has none with this id. */
export async function readCommand(
  stores: Stores,
  org: string,
  nowMs: AtMs,
  id: string,
): Promise<CommandRows | null> {
  const commands = await stores.state
    .selectFrom('command')
    .selectAll()
    .where('org', '=', org)
    .where('id', '=', id)
    .execute()
  return (await withContext(stores, org, nowMs, commands))[0] ?? null
}

/** The newest open command of a request, directly or through its run; null while there is none. */
export async function readCommandOf(
  stores: Stores,
  org: string,
  nowMs: AtMs,
  request: { id: string; resultId: string | null },
): Promise<CommandRows | null> {
  const { id, resultId } = request
  const commands = await stores.state
    .selectFrom('command')
    .selectAll()
    .where('org', '=', org)
    .where('op', '=', 'open') // closing commands of a fence do not belong to the request
    .where((eb) =>
      resultId === null
        ? eb('requestId', '=', id)
        : eb.or([eb('requestId', '=', id), eb('id', '=', resultId), eb('runId', '=', resultId)]),
    )
    .orderBy('createdAtMs', 'desc')
    .limit(1)
    .execute()
  return (await withContext(stores, org, nowMs, commands))[0] ?? null
}

async function withContext(
  { state, series }: Stores,
  org: string,
  nowMs: AtMs,
  commands: CommandRow[],
): Promise<CommandRows[]> {
  if (commands.length === 0) return []
  const devices = [...new Set(commands.map(({ deviceId }) => deviceId))]
  const [zones, valves, flows] = await Promise.all([
    state
      .selectFrom('zone')
      .innerJoin('field', 'field.id', 'zone.fieldId')
      .select([
        'zone.id',
        'zone.name',
        'zone.fieldId',
        'zone.applicationRateMmH',
        'zone.areaM2',
        'zone.controllerId',
        'zone.valve',
        'field.name as fieldName',
      ])
      .where('zone.org', '=', org)
      .where('zone.controllerId', 'in', devices)
      .execute(),
    state
      .selectFrom('valveState')
      .selectAll()
      .where('org', '=', org)
      .where('deviceId', 'in', devices)
      .execute(),
    orDefaultAfter(
      Promise.all(devices.map((device) => series.latest({ org, device, sinceMs: nowMs - FLOW_MAX_AGE_MS }))),
      [],
      FLOW_TIMEOUT_MS,
    ),
  ])
  const flowOf = (device: string, valve: string): number | null =>
    flows
      .flat()
      .find((latest: Latest) => latest.device === device && latest.quantity === `water.flow/${valve}`)
      ?.value ?? null
  return commands.flatMap((command) => {
    const { deviceId, valve } = command
    const zone = zones.find((row) => row.controllerId === deviceId && row.valve === valve)
    if (!zone) return []
    return [
      {
        command,
        zone,
        fieldName: zone.fieldName,
        valve: valves.find((row) => row.deviceId === deviceId && row.valve === valve) ?? null,
        flowLpm: flowOf(deviceId, valve),
      },
    ]
  })
}
