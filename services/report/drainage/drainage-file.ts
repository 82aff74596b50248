/** The evidence of a drainage as a file: PDF for whoever decides, JSON for a program. */
import { fromJson } from '../../tables.ts'
import { REPORT_RULES } from '../season/provenance.ts'
import type { Lang } from '../formats/basis-text.ts'
import type { SourceDeps } from '../season/season-source.ts'
import { drainageDocument } from './drainage-document.ts'
import { drainageEvidence } from './drainage-evidence.ts'
import { photosToPrint } from './drainage-photos.ts'
import { readDrainage, readPictures } from './read-drainage.ts'

export interface DrainageRequest {
  org: string
  coop: string // the organisation's name
  fieldId: string
  year: number
  lang: Lang
}

/** NOT_FOUND when there is no such paddy, or nothing grew there in that year. */
export async function drainagePdf(
  { state, version, nowMs }: SourceDeps,
  asked: DrainageRequest,
): Promise<Uint8Array> {
  const { lang, coop } = asked
  const source = await readDrainage(state, asked)
  const pictures = await readPictures(state, asked, photosToPrint(drainageEvidence(source.facts).photos))
  const { writePdf } = await import('../pdf/write-pdf.ts') // with its fonts: nobody else needs them
  return writePdf(drainageDocument(source, { lang, coop, version, nowMs, pictures }))
}

/** The same as data. */
export async function drainageJson({ state, version, nowMs }: SourceDeps, asked: DrainageRequest) {
  const source = await readDrainage(state, asked)
  const { field, farm, season } = source
  return {
    about: {
      madeAtMs: nowMs,
      timeZone: farm.timeZone,
      software: `Tilth ${version}`,
      rules: { report: REPORT_RULES },
      sourceSha256: source.sourceSha256,
    },
    methodology: 'J-Credit AG-005',
    field: {
      id: field.id,
      name: field.name,
      areaM2: season.fieldM2 ?? field.areaM2,
      shape: field.geojson === null ? null : fromJson(field.geojson),
      farm: farm.name,
      memberCode: farm.memberCode,
      latDeg: farm.latDeg,
      lonDeg: farm.lonDeg,
    },
    season: { year: season.year, variety: season.variety, harvestedDay: season.harvestedDay },
    puddledDay: source.facts.puddledDay,
    drainedDays: source.facts.drainedDays,
    ...drainageEvidence(source.facts),
    organic: source.organic,
  }
}
