/** Valves as their controllers report them; one of another make also with what Tilth waits for from it. */
import type { State } from '../../ports.ts'
import type { ForeignValveRow, ValveStateRow } from '../../tables.ts'

/** `foreignState`: null for a valve that was built for Tilth, and before one of another make has started. */
export type ReportedValve = ValveStateRow & { foreignState?: ForeignValveRow['state'] | undefined }

/** The valves of an organisation that have reported, or the one of this controller. */
export async function readReportedValves(
  state: State,
  org: string,
  only?: { controllerId: string; valve: string },
): Promise<ReportedValve[]> {
  let rows = state
    .selectFrom('valveState')
    .leftJoin('foreignValve', (join) =>
      join
        .onRef('foreignValve.deviceId', '=', 'valveState.deviceId')
        .onRef('foreignValve.valve', '=', 'valveState.valve'),
    )
    .selectAll('valveState')
    .select('foreignValve.state as foreignState')
    .where('valveState.org', '=', org)
  if (only !== undefined)
    rows = rows
      .where('valveState.deviceId', '=', only.controllerId)
      .where('valveState.valve', '=', only.valve)
  return rows.execute()
}
