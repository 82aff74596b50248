/** Integrations without a connection: one alert for each, in place of one for each of its devices. Pure. */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { DesiredAlert } from './desired-alerts.ts'

/** An integration that is on, and its connection. */
export interface IntegrationConnection {
  id: string
  org: string
  name: string
  isConnected: boolean
  /** since when it is so */
  sinceMs: AtMs
}

// a reconnection takes a minute at most; a gateway restarts in a few
const DOWN_AFTER_MS = 10 * MINUTE_MS

/** `devicesOf`: the devices assigned from an integration; without any, nobody misses it. */
export function integrationAlerts(
  org: string,
  connections: readonly IntegrationConnection[],
  devicesOf: ReadonlyMap<string, readonly string[]>,
  activeAlerts: readonly DesiredAlert[],
  nowMs: AtMs,
): DesiredAlert[] {
  return connections.flatMap(({ id, name, sinceMs, isConnected, org: owner }): DesiredAlert[] => {
    if (owner !== org || isConnected || !devicesOf.has(id)) return []
    const active = activeAlerts.find(
      ({ cause, params }) => cause === 'integration-down' && params['integration'] === id,
    )
    // over a restart of Tilth it keeps its start
    if (active === undefined && nowMs - sinceMs < DOWN_AFTER_MS) return []
    return [
      {
        org,
        cause: 'integration-down',
        severity: 'act',
        fieldId: null,
        deviceId: null,
        params: { integration: id, name },
        sinceMs: active?.sinceMs ?? sinceMs,
      },
    ]
  })
}

/** The devices that are silent because their integration has no connection. */
export const devicesBehind = (
  alerts: readonly DesiredAlert[],
  devicesOf: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> =>
  new Set(alerts.flatMap(({ params }) => devicesOf.get(String(params['integration'])) ?? []))
