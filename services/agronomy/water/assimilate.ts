/**
 * Assimilation of probes into the balance, each weighted by its uncertainty: a Kalman filter (Kalman 1960) of two
 * unknowns, the depletion Dr and the probe's lasting error b (state augmentation: Friedland 1969, IEEE Trans. Autom.
 * Control 14:359). Since b lasts, repeated readings of the same probe do not reduce the uncertainty beyond what is
 * justified; after a day when the soil drained, so that Dr is known, b is estimated.
 */
import { assertNumbers } from '../finite.ts'
import type { Estimate, ProbeEstimate } from './probe.ts'

/** The lasting error of a field's probes against the balance. */
export interface ProbeBias {
  bias: number // m³/m³, above 0: they read too wet
  biasSd: number
  shared: number // covariance of the errors of Dr and of the bias, mm · m³/m³
}

export interface Assimilated extends Estimate, ProbeBias {
  gain: number // share of the difference that was applied to Dr
  isContradicted: boolean // the probe deviates more than chance allows: it was not assimilated
}

/** With a deviation of more standard deviations, one of the two has an unmodelled error. */
const GATE_SD = 4
// random walk of the bias: 0.012 m³/m³ over a season of 150 days. Unconfirmed
const DRIFT_SD = 0.001 // m³/m³ in a day
const MAX_SHARED = 0.99 // correlation

/** Of a probe without any comparison. */
const initialBias = (probe: ProbeEstimate): ProbeBias => ({ bias: 0, biasSd: probe.biasSd, shared: 0 })

/** Dr by the probe alone: its lasting error is then also Dr's. */
export function fromProbe(probe: ProbeEstimate, rootDepthM: number): Assimilated {
  assertNumbers({ ...probe, rootDepthM })
  const c = 1000 * rootDepthM
  const { mm, sdMm } = probe
  // a root zone with little water bounds the error of the probe
  const biasSd = (probe.biasSd * sdMm) / Math.hypot(probe.noiseMm, c * probe.biasSd)
  return {
    mm,
    sdMm,
    bias: 0,
    biasSd,
    shared: clampCovariance(c * biasSd ** 2, sdMm, biasSd),
    gain: 1,
    isContradicted: false,
  }
}

/**
 * `model`: the balance at the end of the day, its uncertainty as accumulated, without the bounds of Dr; `before`: the
 * bias and the sd of Dr a day earlier; null: unknown.
 */
export function assimilate(
  model: Estimate,
  probe: ProbeEstimate,
  before: (ProbeBias & { sdMm: number }) | null,
  rootDepthM: number,
  tawMm: number,
): Assimilated {
  assertNumbers({ model, probe, before, rootDepthM, tawMm })
  const prior = before ? carriedForward(before, model.sdMm) : initialBias(probe)
  const c = 1000 * rootDepthM
  const P = model.sdMm ** 2
  const Pb = Math.min(prior.biasSd, 2 * probe.biasSd) ** 2 + DRIFT_SD ** 2
  // the root zone has grown or shrunk since: neither unknown may move against the probe
  const Pm = Math.min(clampCovariance(prior.shared, model.sdMm, Math.sqrt(Pb)), P / c, c * Pb)
  // the probe measures Dr - c b; limited to 0..TAW, since water beyond field capacity is draining
  const seenMm = Math.min(tawMm, Math.max(0, probe.rawMm + c * prior.bias))
  const innovation = seenMm - model.mm
  const S = P - 2 * c * Pm + c * c * Pb + probe.noiseMm ** 2
  if (!(S > 0)) return { ...model, ...prior, gain: 0, isContradicted: false }
  if (innovation ** 2 > GATE_SD ** 2 * S) {
    // not assimilated, but with increased uncertainty: a persistent deviation is accepted in the end
    const sdMm = Math.max(model.sdMm, Math.abs(innovation) / GATE_SD)
    return { mm: model.mm, sdMm, ...prior, biasSd: Math.sqrt(Pb), gain: 0, isContradicted: true }
  }
  const K = (P - c * Pm) / S
  const Kb = (Pm - c * Pb) / S
  const sdMm = Math.sqrt(Math.max(0, P - K * K * S))
  const biasSd = Math.sqrt(Math.max(0, Pb - Kb * Kb * S))
  return {
    mm: model.mm + K * innovation,
    sdMm,
    bias: prior.bias + Kb * innovation,
    biasSd,
    shared: clampCovariance(Pm - K * Kb * S, sdMm, biasSd),
    gain: K,
    isContradicted: false,
  }
}

/** A day later: as far as the balance's error of Dr is lost, as in drainage, so is its covariance with the bias. */
export function carriedForward(
  { bias, biasSd, shared, sdMm }: ProbeBias & { sdMm: number },
  nowSdMm: number,
): ProbeBias {
  assertNumbers({ bias, biasSd, shared, sdMm, nowSdMm })
  const keptShare = nowSdMm < sdMm ? (nowSdMm / sdMm) ** 2 : 1
  return { bias, biasSd, shared: clampCovariance(shared * keptShare, nowSdMm, biasSd) }
}

const clampCovariance = (shared: number, sdMm: number, biasSd: number): number => {
  const limit = MAX_SHARED * sdMm * biasSd
  return Math.min(limit, Math.max(-limit, shared))
}
