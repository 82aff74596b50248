/** Provenance of a report as text. */
import { dayOf, zoneOffsetMs, type AtMs } from '../../../broker/contract/time.ts'
import { basisText } from './basis-text.ts'
import { cropText } from './crop-names.ts'
import { yearText } from './japanese-era.ts'
import { missingValueText } from './labels.ts'
import { translator, type Lang } from './lang.ts'
import type { Provenance } from '../season/provenance.ts'

type Line = [label: string, value: string]

/** Provenance as labelled lines for people. */
export function provenanceLines(provenance: Provenance, lang: Lang): Line[] {
  const translate = translator(lang)
  const { basis, rules } = provenance
  return [
    ...wholeLines(provenance, [provenance.crop], lang),
    [
      translate('Yield basis', '収量の基準'),
      basis === null ? '' : `${basisText(basis, null, lang)} (${basis.source[lang]})`,
    ],
    [translate('Sieves (mm)', 'ふるい目 (mm)'), provenance.sievesMm.join(', ') || missingValueText(lang)],
    [translate('Coverage', '対象'), coverageText(provenance, lang)],
    [sourceRowsText(lang), provenance.sourceSha256],
    rulesLine(rules, lang),
  ]
}

/** The same of a sheet with the rows of several crops: what differs by crop stands in the sheets of each. */
export function provenanceLinesOfCrops(provenances: readonly Provenance[], lang: Lang): Line[] {
  const [first] = provenances
  const crops = provenances.map(({ crop }) => crop)
  const sprays = [...new Set(provenances.flatMap(({ rules }) => rules.sprays))].sort()
  return [
    ...wholeLines(first!, crops, lang),
    ...provenances.map(({ crop, sourceSha256 }): Line => [
      `${sourceRowsText(lang)}, ${cropText(crop, lang)}`,
      sourceSha256,
    ]),
    rulesLine({ ...first!.rules, sprays }, lang),
  ]
}

const sourceRowsText = (lang: Lang): string => translator(lang)('Source rows (SHA-256)', '元データ (SHA-256)')

function wholeLines(provenance: Provenance, crops: readonly string[], lang: Lang): Line[] {
  const translate = translator(lang)
  const comma = translate(', ', '・')
  return [
    [translate('For', '対象者'), wholeText(provenance, lang)],
    [
      translate('Season', '年産'),
      yearText(provenance.year, lang) + comma + crops.map((crop) => cropText(crop, lang)).join(comma),
    ],
    [
      translate('Created at', '作成日時'),
      `${timeText(provenance.madeAtMs, provenance.timeZone)} (${provenance.timeZone}), ${provenance.software}`,
    ],
  ]
}

function rulesLine(rules: Provenance['rules'], lang: Lang): Line {
  const translate = translator(lang)
  return [
    translate('Rules', '規則の版'),
    translate(
      `report ${rules.report}, diseases ${rules.diseases}, sprays ${rules.sprays.join(', ') || 'none'}`,
      `集計${rules.report}、病害${rules.diseases}、防除${rules.sprays.join('・') || 'なし'}`,
    ),
  ]
}

/** For whom a file is: its first line. */
export const wholeText = ({ coop, member }: Pick<Provenance, 'coop' | 'member'>, lang: Lang): string =>
  member === null
    ? `${coop}${translator(lang)(', all members', '　全組合員')}`
    : `${member}${lang === 'ja' ? '　' : ', '}${coop}`

/** Members that are not in the report, and why. */
function absentText({ unsharedMembers, unlistedMembers }: Provenance['coverage'], lang: Lang): string {
  const ja = lang === 'ja'
  return [
    unsharedMembers > 0
      ? ja
        ? `、ほかに共有していない組合員${unsharedMembers}名`
        : `; ${unsharedMembers} more members share nothing`
      : '',
    unlistedMembers > 0
      ? ja
        ? `、匿名で少数のため掲載しない組合員${unlistedMembers}名`
        : `; ${unlistedMembers} more members share without a name and are too few to be listed`
      : '',
  ].join('')
}

function coverageText({ coverage }: Provenance, lang: Lang): string {
  const { members, fields, withYield, withLoads, withWater, meteredShare } = coverage
  const metered = meteredShare === null ? missingValueText(lang) : `${Math.round(100 * meteredShare)} %`
  return lang === 'ja'
    ? `組合員${members}名、圃場${fields}枚（収量あり${withYield}、計量あり${withLoads}、水量あり${withWater}、水量の実測${metered}）` +
        absentText(coverage, lang)
    : `${members} member${members === 1 ? '' : 's'}, ${fields} field${fields === 1 ? '' : 's'}; yield known for ${withYield}, weighed for ${withLoads}; water known for ${withWater}, metered ${metered}` +
        absentText(coverage, lang)
}

/** Local time of the farm: 2026-07-24 05:30. */
export function timeText(atMs: AtMs, timeZone: string): string {
  const time = new Date(atMs + zoneOffsetMs(atMs, timeZone)).toISOString().slice(11, 16)
  return `${dayOf(atMs, timeZone)} ${time}`
}
