/**
 * A grower with a fixed schedule: the same run every few days, in any weather. Tilth only advises there and records
 * its own recommendation for comparison. Uses the HTTP API.
 */
import { randomUUID } from 'node:crypto'
import type { Call } from './member.ts'

export interface TimerGrower {
  /** Enters the fixed schedule and the price of water. Call it once. */
  prepare(): Promise<void>
  /** Starts the valve on the days of the schedule. Call it once a day. */
  runIfDue(): Promise<void>
}

/** The first call of `runIfDue` starts a run; its errors are passed to `report`. `prepare` rejects. */
export function timerGrower(
  call: Call,
  { fieldId, minutes, ...schedule }: { fieldId: string; minutes: number; depthMm: number; everyDays: number },
  report: (text: string) => void,
): TimerGrower {
  let day = 0
  return {
    async prepare() {
      const price = { waterPricePerM3: 30, currency: 'JPY' }
      await call('POST', `/api/fields/${fieldId}/fixed-schedule`, { ...schedule, ...price })
    },
    async runIfDue() {
      if (day++ % schedule.everyDays !== 0) return
      await call('POST', '/api/start', { idem: randomUUID(), zoneId: `zone-${fieldId}`, minutes }).catch(
        (error: Error) => report(`${fieldId}: ${error.message}`),
      )
    },
  }
}
