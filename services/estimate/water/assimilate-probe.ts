/** The balance of a field at the end of a day, or now, corrected by its probes. Pure. */
import { assimilate, carriedForward, fromProbe, type ProbeBias } from '../../agronomy/water/assimilate.ts'
import type { Estimate, ProbeEstimate } from '../../agronomy/water/probe.ts'
import { unknownSdMm } from '../../agronomy/water/soil-water.ts'
import type { FieldDayRow } from '../../tables.ts'

/** Columns of a day's row for the probes' lasting error. */
export type BiasColumns = Pick<FieldDayRow, 'probeBias' | 'probeBiasSd' | 'probeBiasShared'>

export interface ProbeCorrected extends Estimate {
  gain: number | null // of the probe; null: the balance without a probe
  isContradicted: boolean
  bias: BiasColumns
}

/** `model`: its uncertainty without the bounds of Dr (`balanceSdMm`). */
export function assimilateProbe(
  model: Estimate,
  from: 'balance' | 'probe' | 'nothing',
  probe: ProbeEstimate | null,
  yesterday: (Partial<BiasColumns> & { depletionSdMm?: number | null }) | undefined,
  rootDepthM: number,
  tawMm: number,
): ProbeCorrected {
  const before = biasOf(yesterday)
  if (!probe) {
    const sdMm = Math.min(model.sdMm, unknownSdMm(tawMm))
    const bias = before && carriedForward(before, sdMm)
    return { mm: model.mm, sdMm, gain: null, isContradicted: false, bias: columnsOf(bias) }
  }
  const end =
    from === 'probe' ? fromProbe(probe, rootDepthM) : assimilate(model, probe, before, rootDepthM, tawMm)
  const mm = Math.min(tawMm, Math.max(0, end.mm))
  const sdMm = Math.min(end.sdMm, unknownSdMm(tawMm))
  return { mm, sdMm, gain: end.gain, isContradicted: end.isContradicted, bias: columnsOf(end) }
}

function biasOf(
  row: (Partial<BiasColumns> & { depletionSdMm?: number | null }) | undefined,
): (ProbeBias & { sdMm: number }) | null {
  if (row?.probeBias == null || row.probeBiasSd == null || row.depletionSdMm == null) return null
  return {
    bias: row.probeBias,
    biasSd: row.probeBiasSd,
    shared: row.probeBiasShared ?? 0,
    sdMm: row.depletionSdMm,
  }
}

const columnsOf = (bias: ProbeBias | null): BiasColumns => ({
  probeBias: bias?.bias ?? null,
  probeBiasSd: bias?.biasSd ?? null,
  probeBiasShared: bias?.shared ?? null,
})
