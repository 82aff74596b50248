/** Every shared vector of diseases and leaf wetness, and the tables that are printed with them. Each names its source. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scabWetHours } from '../../../../services/agronomy/disease/apple-scab.ts'
import { diseaseOf } from '../../../../services/agronomy/disease/catalogue.ts'
import { blitecastSv } from '../../../../services/agronomy/disease/late-blight.ts'
import { blastWetHours } from '../../../../services/agronomy/disease/leaf-blast.ts'
import { tomcastDsv } from '../../../../services/agronomy/disease/tomcast.ts'
import { diseaseTrial } from '../../../validate/disease-trials.ts'
import { readVectors } from '../../../validate/read-vectors.ts'
import { allOf } from '../../../validate/score.ts'

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, `../../../vectors/${name}.json`), 'utf8')
const vectors = readVectors(read('disease_models'), 'disease_models')
const { disease_tables: tables, epirice } = JSON.parse(read('params_disease_qc')) as {
  disease_tables: {
    apple_scab_revised_mills_F_to_min_wet_hours: Record<string, number>
    tomcast: { t_C: [number, number]; hours_for_dsv: (number | null)[] }[]
    blitecast: { t_C: [number, number]; hours_for_sv: number[] }[]
    blastam_hours: Record<string, number>
  }
  epirice: { leaf_blast: Record<string, unknown> }
}

describe('vectors of diseases', () => {
  it('are all reproduced, and no model is left out', () => {
    if (!vectors.ok) throw new Error(vectors.error)
    const score = allOf('', vectors.value.map(diseaseTrial))
    expect(score).toMatchObject({ missed: [], notBuilt: [], value: vectors.value.length })
    expect(vectors.value.length).toBeGreaterThanOrEqual(92)
  })
})

describe('tables of diseases', () => {
  it('the revised Mills table at each printed °F', () => {
    for (const [F, hours] of Object.entries(tables.apple_scab_revised_mills_F_to_min_wet_hours))
      expect(scabWetHours(((Number(F) - 32) * 5) / 9), `${F} °F`).toBe(hours)
  })
  it('TOMCAST and BLITECAST: one value more at each printed hour, none an hour before', () => {
    const rows = [
      ...tables.tomcast.map(({ t_C, hours_for_dsv }) => ({ t_C, hours: hours_for_dsv, valueOf: tomcastDsv })),
      ...tables.blitecast.map(({ t_C, hours_for_sv }) => ({
        t_C,
        hours: hours_for_sv,
        valueOf: blitecastSv,
      })),
    ]
    for (const { t_C, hours, valueOf } of rows)
      hours.forEach((needed, i) => {
        if (needed === null) return
        for (const tempC of t_C) {
          expect(valueOf(tempC, needed)).toBe(i + 1)
          expect(valueOf(tempC, needed - 1)).toBe(i)
        }
      })
  })
  it('BLASTAM at each whole °C', () => {
    for (const [C, hours] of Object.entries(tables.blastam_hours))
      expect(blastWetHours(Number(C))).toBe(hours)
  })
  it('EPIRICE has the parameters of Savary et al. (2012), Table 2', () => {
    const row = diseaseOf('rice-leaf-blast-season')
    if (row?.model !== 'epirice') throw new Error('no row of EPIRICE')
    const printed = epirice.leaf_blast
    expect(row.params).toMatchObject({
      onsetD: printed.onset_d,
      durationD: printed.duration_d,
      humidityPct: printed.rhlim_pct,
      rainMm: printed.rainlim_mm,
      sitesInitial: printed.H0,
      infectiousInitial: printed.I0,
      RcOpt: printed.RcOpt,
      latentD: printed.latent_p_d,
      infectiousD: printed.infectious_i_d,
      aggregation: printed.aggregation,
      sitesMax: printed.Sx,
      senescence: printed.RRS,
      growth: printed.RRG,
      RcT: printed.RcT,
      RcA: printed.RcA,
    })
  })
})
