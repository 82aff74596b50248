/** How much of a member's season a person has to look at. */
import type { MemberReport } from '../../../services/api/schemas.ts'

/** The number of its fields with missing data, each kind by itself, and of its figures far from the others'. */
export const toCheck = ({ missing, outliers }: Pick<MemberReport, 'missing' | 'outliers'>): number =>
  missing.reduce((count, { fields, more }) => count + fields.length + more, 0) + outliers.length
