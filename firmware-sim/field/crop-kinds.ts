/** The crops of the simulator: development by heat, and sensitivity to water stress. Typical of the literature, not of one variety. */
export interface CropKind {
  /** heat is counted between these, °C */
  baseC: number
  upperC: number
  /** °C·d from planting (bud break of a tree) to the stages */
  emergenceCd: number
  fullCoverCd: number
  flowerFromCd: number
  flowerToCd: number
  yellowFromCd: number
  ripeCd: number
  leafAreaMax: number // m2 of leaf per m2 of ground
  leafAreaStart: number
  rootStartM: number
  rootMaxM: number
  /** crop coefficient at full cover: demand against short grass */
  fullCoverKc: number
  /** suction at which a root takes up half, m of water */
  halfSuctionM: number
}

export const cropKinds = {
  rice: {
    baseC: 10,
    upperC: 35,
    emergenceCd: 0,
    fullCoverCd: 800,
    flowerFromCd: 900,
    flowerToCd: 1150,
    yellowFromCd: 1350,
    ripeCd: 1650,
    leafAreaMax: 5.5,
    leafAreaStart: 0.15,
    rootStartM: 0.05,
    rootMaxM: 0.3,
    fullCoverKc: 1.12,
    halfSuctionM: 8,
  },
  soybean: {
    baseC: 10,
    upperC: 32,
    emergenceCd: 90,
    fullCoverCd: 750,
    flowerFromCd: 700,
    flowerToCd: 1200,
    yellowFromCd: 1400,
    ripeCd: 1750,
    leafAreaMax: 5,
    leafAreaStart: 0.05,
    rootStartM: 0.1,
    rootMaxM: 0.9,
    fullCoverKc: 1.12,
    halfSuctionM: 32,
  },
  maize: {
    baseC: 8,
    upperC: 32,
    emergenceCd: 80,
    fullCoverCd: 800,
    flowerFromCd: 800,
    flowerToCd: 1150,
    yellowFromCd: 1450,
    ripeCd: 1850,
    leafAreaMax: 5,
    leafAreaStart: 0.05,
    rootStartM: 0.1,
    rootMaxM: 1.2,
    fullCoverKc: 1.15,
    halfSuctionM: 36,
  },
  cotton: {
    baseC: 15.6,
    upperC: 35,
    emergenceCd: 60,
    fullCoverCd: 800,
    flowerFromCd: 600,
    flowerToCd: 1350,
    yellowFromCd: 1500,
    ripeCd: 2000,
    leafAreaMax: 4,
    leafAreaStart: 0.03,
    rootStartM: 0.1,
    rootMaxM: 1.4,
    fullCoverKc: 1.12,
    halfSuctionM: 48,
  },
  tomato: {
    baseC: 10,
    upperC: 32,
    emergenceCd: 0,
    fullCoverCd: 650,
    flowerFromCd: 350,
    flowerToCd: 1100,
    yellowFromCd: 1300,
    ripeCd: 1650,
    leafAreaMax: 3.5,
    leafAreaStart: 0.1,
    rootStartM: 0.15,
    rootMaxM: 0.8,
    fullCoverKc: 1.12,
    halfSuctionM: 24,
  },
  wheat: {
    baseC: 0,
    upperC: 28,
    emergenceCd: 120,
    fullCoverCd: 1000,
    flowerFromCd: 1050,
    flowerToCd: 1350,
    yellowFromCd: 1600,
    ripeCd: 2050,
    leafAreaMax: 5,
    leafAreaStart: 0.05,
    rootStartM: 0.1,
    rootMaxM: 1.2,
    fullCoverKc: 1.12,
    halfSuctionM: 44,
  },
  apple: {
    baseC: 5,
    upperC: 32,
    emergenceCd: 0,
    fullCoverCd: 650,
    flowerFromCd: 150,
    flowerToCd: 450,
    yellowFromCd: 2300,
    ripeCd: 2900,
    leafAreaMax: 3,
    leafAreaStart: 0.3,
    rootStartM: 0.9,
    rootMaxM: 0.9,
    fullCoverKc: 1.08,
    halfSuctionM: 30,
  },
} satisfies Record<string, CropKind>

export type CropName = keyof typeof cropKinds
