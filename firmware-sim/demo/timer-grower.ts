/**
 * A grower who waters as ever: the same run every so many days, whatever the weather does. Tilth only advises there, and
 * counts what it would have given. Over the same HTTP as everyone.
 */
import { randomUUID } from 'node:crypto'
import type { Call } from './member.ts'

export interface TimerGrower {
  /** Tells Tilth of the habit, and what water costs; once. */
  prepare(): Promise<void>
  /** Once a day: starts the valve when its day has come. */
  runIfDue(): Promise<void>
}

export function timerGrower(
  call: Call,
  { fieldId, minutes, ...habit }: { fieldId: string; minutes: number; depthMm: number; everyDays: number },
  complain: (text: string) => void,
): TimerGrower {
  let day = 0
  return {
    async prepare() {
      const price = { waterPricePerM3: 30, currency: 'JPY' }
      await call('POST', `/api/fields/${fieldId}/fixed-schedule`, { ...habit, ...price })
    },
    async runIfDue() {
      if (day++ % habit.everyDays !== 0) return
      await call('POST', '/api/start', { idem: randomUUID(), zoneId: `zone-${fieldId}`, minutes }).catch(
        (error: Error) => complain(`${fieldId}: ${error.message}`),
      )
    },
  }
}
