/** The voltages of batteries, a mean a day, as the series keep them: what a forecast of them rests on. */
import { DAY_MS, type AtMs } from '../broker/contract/time.ts'
import type { BatteryDay } from './domain/battery-forecast.ts'
import type { SeriesStore } from './ports.ts'

const SHOWN_DAYS = 30

/** Of the last 30 days by device, in order of time; of one device where it is named. */
export async function readBatteryDays(
  series: SeriesStore,
  org: string,
  nowMs: AtMs,
  device?: string,
): Promise<Map<string, BatteryDay[]>> {
  const found = await series.rolled({
    org,
    quantity: 'device.battery',
    step: 'day',
    fromMs: nowMs - SHOWN_DAYS * DAY_MS,
    toMs: nowMs,
    ...(device === undefined ? {} : { device }),
  })
  const days = new Map<string, BatteryDay[]>()
  // a device that was moved has a series for each field
  for (const { device: id, atMs, mean } of found)
    days.set(id, [...(days.get(id) ?? []), ...atMs.map((at, i) => ({ atMs: at, v: mean[i]! }))])
  for (const all of days.values()) all.sort((a, b) => a.atMs - b.atMs)
  return days
}
