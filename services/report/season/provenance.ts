/** Provenance of a report: when, by which version and rules it was made, its yield basis, coverage and source rows. */
import type { AtMs } from '../../../broker/contract/time.ts'
import { DISEASES_VERSION } from '../../agronomy/disease/catalogue.ts'
import type { LoadedReport } from './read-report.ts'
import type { YieldBasis } from '../../domain/yield/yield-bases.ts'

/** Version of the rules for yields, means and missing data; a change of them needs a new version. */
export const REPORT_RULES = '2'

/** Provenance as machine-readable files carry it. */
export interface Provenance {
  coop: string // name of the organisation
  member: string | null // the member that the file is of; null: all
  year: number
  crop: string
  madeAtMs: AtMs
  timeZone: string
  software: string
  rules: { report: string; diseases: string; sprays: string[] } // sprays: versions by which the treatments were checked
  basis: Omit<YieldBasis, 'rough'> | null // null: no field
  sievesMm: number[]
  coverage: {
    members: number
    unsharedMembers: number // share nothing
    unlistedMembers: number // share without a name, and too few of them grow the crop
    fields: number
    withYield: number
    withLoads: number
    withWater: number
    meteredShare: number | null // of the water, 0-1
  }
  sourceSha256: string
}

/** `sha256`: of the source rows. `sprayRules`: the versions by which the treatments were checked. */
export function reportProvenance(
  { version, nowMs }: { version: string; nowMs: AtMs },
  { report, options: offered, unshared, unlisted }: LoadedReport,
  {
    coop,
    farmId,
    sha256,
    sprayRules,
  }: { coop: string; farmId: string | null; sha256: string; sprayRules: string[] },
): Provenance {
  const { basis, mean, coverage } = report
  return {
    coop,
    member: farmId === null ? null : (report.members[0]?.name ?? null),
    year: report.year,
    crop: report.crop,
    madeAtMs: nowMs,
    timeZone: offered.timeZone,
    software: `Tilth ${version}`,
    rules: { report: REPORT_RULES, diseases: DISEASES_VERSION, sprays: sprayRules },
    basis: basis && { form: basis.form, moisturePct: basis.moisturePct, source: basis.source },
    sievesMm: report.sievesMm,
    coverage: {
      members: report.members.length,
      unsharedMembers: unshared,
      unlistedMembers: unlisted,
      fields: report.fields,
      ...coverage,
      meteredShare: mean.meteredShare,
    },
    sourceSha256: sha256,
  }
}
