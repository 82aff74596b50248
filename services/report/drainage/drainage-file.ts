/** The evidence of a drainage as a file: PDF for the certifier, JSON for programs. */
import { readFieldGeojson } from '../../tables.ts'
import { REPORT_RULES } from '../season/provenance.ts'
import type { SourceDeps } from '../season/season-source.ts'
import { drainageDocument } from './drainage-document.ts'
import { drainageEvidence } from './drainage-evidence.ts'
import { photosToPrint } from './drainage-photos.ts'
import { readDrainage, readPictures } from './read-drainage.ts'
import type { DrainageRequest } from '../jobs/file-query.ts'
import { EMPTY_SEAL } from '../jobs/seal.ts'

/** NOT_FOUND for an unknown paddy, or a year without a rice season. */
export async function drainagePdf(
  { state, version, nowMs }: SourceDeps,
  request: DrainageRequest,
): Promise<Uint8Array> {
  const { lang, coop } = request
  const source = await readDrainage(state, request)
  const pictures = await readPictures(state, request, photosToPrint(drainageEvidence(source.facts).photos))
  const { writePdf } = await import('../pdf/write-pdf.ts') // loaded on demand: it brings the fonts
  return writePdf(drainageDocument(source, { lang, coop, version, nowMs, pictures }))
}

/** The same evidence as data, with a place for its seal. */
export async function drainageJson({ state, version, nowMs }: SourceDeps, request: DrainageRequest) {
  const source = await readDrainage(state, request)
  const { field, farm, season } = source
  return {
    seal: EMPTY_SEAL, // before any text of a person (seal.ts)
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
      shape: field.geojson === null ? null : readFieldGeojson(field.geojson),
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
