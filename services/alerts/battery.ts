/**
 * When a battery needs replacement, by its voltage or by the percentage that the device states. Voltage sags in the cold
 * and while a radio sends, so two messages in a row must be low, and the battery counts as recovered only clearly above
 * the limit. Without a known limit there is no alert. Pure.
 */
import { DAY_MS, dayOf, type AtMs } from '../../broker/contract/time.ts'
import { lowVoltage, type DaysLeft } from '../domain/battery-forecast.ts'
import type { DesiredAlert } from './desired-alerts.ts'

const RECOVERED_FACTOR = 1.05
const LOW_PERCENT = 15
const RECOVERED_PERCENT = 20

export interface Battery {
  v: number | null
  /** null: the default for its voltage */
  lowV: number | null
  percent: number | null
  /** of its newest message */
  heardMs: AtMs
}

/** true: low; false: healthy; null: in between, the state does not change. */
export function isLow({ v, lowV, percent }: Omit<Battery, 'heardMs'>): boolean | null {
  const limits: [value: number, isLow: boolean, recovered: number][] = []
  // a mains-powered device may send 0
  const limitV = v === null ? null : lowVoltage(v, lowV)
  if (v !== null && limitV !== null) limits.push([v, v < limitV, RECOVERED_FACTOR * limitV])
  if (percent !== null) limits.push([percent, percent <= LOW_PERCENT, RECOVERED_PERCENT])
  if (limits.some(([, isBelow]) => isBelow)) return true
  return limits.length > 0 && limits.every(([value, , recovered]) => value >= recovered) ? false : null
}

export interface BatteryWatch {
  /** Since when the battery is low; null while it is not. `standingMs`: start of the active alert. */
  sinceMs(device: string, battery: Battery, standingMs: AtMs | null): AtMs | null
}

/** Remembers the first low reading of each device until a second one arrives. */
export function watchBatteries(): BatteryWatch {
  const firstLowMs = new Map<string, AtMs>()
  return {
    sinceMs(device, battery, standingMs) {
      const low = isLow(battery)
      if (low === false) firstLowMs.delete(device)
      if (standingMs !== null) return low === false ? null : standingMs
      if (low !== true) return null
      const firstMs = firstLowMs.get(device)
      if (firstMs === undefined) firstLowMs.set(device, battery.heardMs)
      return firstMs !== undefined && battery.heardMs > firstMs ? firstMs : null
    },
  }
}

/** Early enough to take a battery along on the next visit. */
const SOON_DAYS = 14
// a forecast varies from day to day
const LATER_DAYS = 21

/**
 * Batteries that are forecast to be low soon; a battery that is already low has its own alert. `left` null: no
 * forecast at the moment.
 */
export function batteryForecastAlerts(
  devices: readonly { id: string; org: string; fieldId: string | null }[],
  left: ReadonlyMap<string, DaysLeft> | null,
  {
    standing: activeAlerts,
    low,
    nowMs,
  }: { standing: readonly DesiredAlert[]; low: readonly DesiredAlert[]; nowMs: AtMs },
): DesiredAlert[] {
  const isLowNow = new Set(low.map(({ deviceId }) => deviceId))
  // a day more or less does not matter for a battery
  const inDays = (days: number) => dayOf(nowMs + days * DAY_MS, 'UTC')
  return devices.flatMap(({ id, org, fieldId }): DesiredAlert[] => {
    const active = activeAlerts.find(
      ({ cause, deviceId }) => cause === 'battery-low-forecast' && deviceId === id,
    )
    if (isLowNow.has(id)) return []
    if (left === null) return active ? [active] : []
    const days = left.get(id)
    if (!days || days.mid > (active ? LATER_DAYS : SOON_DAYS)) return []
    return [
      {
        org,
        cause: 'battery-low-forecast',
        severity: 'soon',
        fieldId,
        deviceId: id,
        params: active?.params ?? { fromDay: inDays(days.lo), toDay: inDays(days.hi) },
        sinceMs: active?.sinceMs ?? nowMs,
      },
    ]
  })
}
