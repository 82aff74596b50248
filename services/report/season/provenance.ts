/** Provenance of a report: when, by which version and rules it was made, its yield basis, coverage and source rows. */
import { dayOf, zoneOffsetMs, type AtMs } from '../../../broker/contract/time.ts'
import { DISEASES_VERSION } from '../../agronomy/disease/catalogue.ts'
import { basisText, type Lang } from '../formats/basis-text.ts'
import { cropText } from '../formats/crop-names.ts'
import { yearText } from '../formats/japanese-era.ts'
import type { LoadedReport } from './read-report.ts'
import { missingValueText } from '../formats/labels.ts'
import type { YieldBasis } from '../yields/yield-bases.ts'

/** Version of the rules for yields, means and missing data; a change of them needs a new version. */
export const REPORT_RULES = '1'

/** Provenance as machine-readable files carry it. */
export interface Provenance {
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
    fields: number
    withYield: number
    withLoads: number
    withWater: number
    meteredShare: number | null // of the water, 0-1
  }
  sourceSha256: string
}

export function reportProvenance(
  { version, nowMs }: { version: string; nowMs: AtMs },
  { report, options: offered, unshared }: LoadedReport,
  { sha256, sprayRules }: { sha256: string; sprayRules: string[] },
): Provenance {
  const { basis, mean, coverage } = report
  return {
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
      fields: report.fields,
      ...coverage,
      meteredShare: mean.meteredShare,
    },
    sourceSha256: sha256,
  }
}

/** Provenance as labelled lines for people. */
export function provenanceLines(about: Provenance, lang: Lang): [label: string, value: string][] {
  const say = (en: string, ja: string) => (lang === 'ja' ? ja : en)
  const { basis, rules } = about
  return [
    [say('Season', '年産'), yearText(about.year, lang) + say(', ', '・') + cropText(about.crop, lang)],
    [
      say('Created at', '作成日時'),
      `${timeText(about.madeAtMs, about.timeZone)} (${about.timeZone}), ${about.software}`,
    ],
    [
      say('Yield basis', '収量の基準'),
      basis === null ? '' : `${basisText(basis, null, lang)} (${basis.source[lang]})`,
    ],
    [say('Sieves (mm)', 'ふるい目 (mm)'), about.sievesMm.join(', ') || missingValueText(lang)],
    [say('Coverage', '対象'), coverageText(about, lang)],
    [say('Source rows (SHA-256)', '元データ (SHA-256)'), about.sourceSha256],
    [
      say('Rules', '規則の版'),
      say(
        `report ${rules.report}, diseases ${rules.diseases}, sprays ${rules.sprays.join(', ') || 'none'}`,
        `集計${rules.report}、病害${rules.diseases}、防除${rules.sprays.join('・') || 'なし'}`,
      ),
    ],
  ]
}

function coverageText({ coverage }: Provenance, lang: Lang): string {
  const { members, unsharedMembers, fields, withYield, withLoads, withWater, meteredShare } = coverage
  const metered = meteredShare === null ? missingValueText(lang) : `${Math.round(100 * meteredShare)} %`
  return lang === 'ja'
    ? `組合員${members}名、圃場${fields}枚（収量あり${withYield}、計量あり${withLoads}、水量あり${withWater}、水量の実測${metered}）` +
        (unsharedMembers > 0 ? `、ほかに共有していない組合員${unsharedMembers}名` : '')
    : `${members} member${members === 1 ? '' : 's'}, ${fields} field${fields === 1 ? '' : 's'}; yield known for ${withYield}, weighed for ${withLoads}; water known for ${withWater}, metered ${metered}` +
        (unsharedMembers > 0 ? `; ${unsharedMembers} more members share nothing` : '')
}

/** Local time of the farm: 2026-07-24 05:30. */
export function timeText(atMs: AtMs, timeZone: string): string {
  const time = new Date(atMs + zoneOffsetMs(atMs, timeZone)).toISOString().slice(11, 16)
  return `${dayOf(atMs, timeZone)} ${time}`
}
