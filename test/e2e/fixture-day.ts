/** The day and the names of the fixture's farm. */
import { HOUR_MS, startOfDay } from '../../broker/contract/time.ts'
import type { FieldCard } from '../../services/api/screens/today-schemas.ts'

export const timeZone = 'Asia/Tokyo'
export const DAY = '2026-07-24'
export const MORNING_MS = startOfDay(DAY, timeZone) + 5.5 * HOUR_MS
export const at = (hour: number, day = DAY): number => startOfDay(day, timeZone) + hour * HOUR_MS

/** The zone of a field: every field has one valve, except the river bend, which has none. */
export const zoneIdOf = (fieldId: string): string => `zone-${fieldId}`

export const fieldIdOf = (zoneId: string): string => zoneId.replace(/^zone-/, '')

export const probeOf = ({ id }: FieldCard): string => (id === 'north-3' ? 'probe-1' : `probe-${id}`)
