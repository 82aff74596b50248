/**
 * A crop that grows with heat and light and loses growth to water stress. It is simulated twice, as it is and with
 * unlimited water; the relative yield is the ratio of the two.
 */
import { DAY_MS } from '../../broker/contract/time.ts'
import type { CropKind } from './crop-kinds.ts'

export interface Crop {
  /** Share of the ground that the leaves shade, 0-1. */
  cover(): number
  rootDepthM(): number
  isGrowing(): boolean
  stage(): 'none' | 'young' | 'growing' | 'flowering' | 'ripening' | 'ripe'
  heatCd(): number
  /** One step of heat and light; `uptake` is the fraction of the water demand that was taken up, 0-1. */
  grow(ms: number, tempC: number, radiationWm2: number, uptake: number): void
  /** Yield against the same crop without water stress, 0-1; 1 until something has grown. */
  relativeYield(): number
}

/** extinction coefficient of light in the canopy (Beer's law) */
const EXTINCTION = 0.6
/** share of the yield lost when every day of flowering is without water, in addition to the lost growth */
const FLOWER_LOSS = 0.6

/** Starts without heat, leaves or roots. Heat in °C·d above the base temperature of the kind. */
export function crop(kind: CropKind): Crop {
  let heatCd = 0
  let leafArea = 0
  let rootM = 0
  let growth = 0
  let grownBest = 0
  let floweringDays = 0
  let flowerMissed = 0

  const cover = (area: number) => 1 - Math.exp(-EXTINCTION * area)

  return {
    cover: () => cover(leafArea),
    rootDepthM: () => rootM,
    isGrowing: () => heatCd >= kind.emergenceCd && heatCd < kind.ripeCd,
    heatCd: () => heatCd,
    stage() {
      if (heatCd < kind.emergenceCd || heatCd === 0) return 'none'
      if (heatCd >= kind.ripeCd) return 'ripe'
      if (heatCd > kind.flowerToCd) return 'ripening'
      if (heatCd >= kind.flowerFromCd) return 'flowering'
      return heatCd < kind.fullCoverCd / 3 ? 'young' : 'growing'
    },
    grow(ms, tempC, radiationWm2, uptake) {
      const areaBefore = bestLeafArea(kind, heatCd)
      heatCd += Math.max(0, Math.min(tempC, kind.upperC) - kind.baseC) * (ms / DAY_MS)
      const areaAfter = bestLeafArea(kind, heatCd)
      // leaves stop growing before the stomata close (Hsiao 1973); a stressed crop also yellows early
      const expansion = Math.max(0, 1 - 1.6 * (1 - uptake))
      if (areaAfter > areaBefore) leafArea += (areaAfter - areaBefore) * expansion
      else if (areaBefore > 0)
        leafArea *= (areaAfter / areaBefore) * (1 - 0.02 * (1 - uptake) * (ms / DAY_MS))
      rootM = rootDepth(kind, heatCd)

      const light = radiationWm2 * ms
      growth += cover(leafArea) * light * uptake
      grownBest += cover(areaAfter) * light
      if (heatCd >= kind.flowerFromCd && heatCd <= kind.flowerToCd) {
        floweringDays += light
        flowerMissed += light * (1 - uptake)
      }
    },
    relativeYield() {
      if (grownBest === 0) return 1
      const missed = floweringDays > 0 ? flowerMissed / floweringDays : 0
      return (growth / grownBest) * (1 - FLOWER_LOSS * missed)
    },
  }
}

/** Leaf area of a crop without water stress: an S-curve to full cover, a decline from the first yellow leaf to harvest. */
function bestLeafArea(kind: CropKind, heatCd: number): number {
  if (heatCd < kind.emergenceCd || heatCd >= kind.ripeCd) return 0
  const { leafAreaStart: start, leafAreaMax: max } = kind
  if (heatCd >= kind.yellowFromCd)
    return max * (1 - 0.8 * ((heatCd - kind.yellowFromCd) / (kind.ripeCd - kind.yellowFromCd)))
  const share = Math.min(1, (heatCd - kind.emergenceCd) / (kind.fullCoverCd - kind.emergenceCd))
  return start + (max - start) * share * share * (3 - 2 * share)
}

function rootDepth(kind: CropKind, heatCd: number): number {
  if (heatCd >= kind.ripeCd) return 0
  const share = Math.min(1, heatCd / kind.flowerToCd)
  return kind.rootStartM + (kind.rootMaxM - kind.rootStartM) * share
}
