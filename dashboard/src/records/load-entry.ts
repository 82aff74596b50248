/** What the ticket of a load names, as it is entered: empty until a person types it. */
import type { NewLoad } from '../../../services/api/schemas.ts'

export interface LoadEntry {
  grossKg: number | null
  moisturePct: number | null
  foreignPct: number | null
  grade: NonNullable<NewLoad['grade']> | ''
  ticket: string
}

export const grades = ['1', '2', '3', 'low'] as const satisfies readonly LoadEntry['grade'][]
