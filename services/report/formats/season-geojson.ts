/**
 * The fields of a season as GeoJSON (RFC 7946): each with its shape, otherwise the point of its farm, and the season's
 * figures. Property names carry their units; null is unknown, or withheld where `withheld` lists it. Geometries of
 * members' fields are not shared and stay null.
 */
import type { Provenance } from '../season/provenance.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { subProgress } from '../../runtime/progress.ts'
import { readSource, type ReportField } from '../season/season-source.ts'
import { displayId } from '../season/lines.ts'
import { EMPTY_SEAL } from '../jobs/seal.ts'
import { wholeText } from '../text/provenance-text.ts'
import { cropText } from '../text/crop-names.ts'
import type { Lang } from '../text/lang.ts'
import { type Geometry, readFieldGeometries } from '../season/field-geometries.ts'

const READ_SHARE = 0.9 // share of the total time

/** The file's bytes. */
export async function seasonGeojsonFile(deps: FileDeps, query: FileQuery): Promise<Uint8Array> {
  const { fields, about: provenance } = await readSource(
    deps,
    query,
    subProgress(deps.onProgress, 0, READ_SHARE),
  )
  const places = await readFieldGeometries(
    deps.state,
    fields.map(({ record }) => record),
  )
  return Buffer.from(JSON.stringify(seasonGeojson(fields, places, provenance, query.lang)))
}

/** A collection in the order of the fields, with its provenance as a foreign member (section 6.1). */
export function seasonGeojson(
  fields: readonly ReportField[],
  places: ReadonlyMap<string, Geometry>,
  provenance: Provenance,
  lang: Lang,
) {
  return {
    type: 'FeatureCollection',
    for: wholeText(provenance, 'en'),
    seal: EMPTY_SEAL,
    about: provenance,
    features: fields.map((row) => ({
      type: 'Feature',
      id: `${displayId(row.line)}/${provenance.year}/${row.record.plantedDay}`,
      geometry: places.get(row.record.fieldId) ?? null,
      properties: propertiesOf(row, lang),
    })),
  }
}

function propertiesOf({ record, line }: ReportField, lang: Lang) {
  return {
    member: record.farm,
    memberCode: record.memberCode,
    field: record.field,
    crop: record.crop,
    cropName: cropText(record.crop, lang),
    variety: record.variety,
    plantedDay: record.plantedDay,
    harvestedDay: record.harvestedDay,
    areaM2: record.areaM2,
    harvestedM2: record.withheld.includes('yield') ? null : line.harvestedM2,
    yieldKg: record.yield.kg,
    yieldKgHa: line.kgHa,
    yieldFrom: record.yield.from,
    usualYieldKgHa: line.usualKgHa,
    lowGradeKg: line.lowKg,
    loads: line.loads,
    irrigationM3: record.waterM3,
    irrigationMeteredShare: record.meteredShare,
    runs: record.runs,
    runsWithoutVolume: record.runsWithoutVolume,
    rainMm: record.rainMm,
    cropEtMm: record.etMm,
    stressDays: record.stressDays,
    heatSumCd: record.heatSumCd,
    diseaseDays: record.diseaseDays,
    sprays: record.sprays,
    missing: line.missing,
    withheld: record.withheld,
  }
}
