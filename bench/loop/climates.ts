/**
 * The places of the closed loop: weather, crop, soil, water cost and crop price, and the FAO-56 table that a careful
 * farmer there would use. Prices are round figures of the order of producer prices and of pumping and labour costs of
 * 2015-2023, $/ha: they only set the value of a mm relative to a tonne.
 */
import { cotton, maize, potato, wheat, type LoopCrop } from './crops.ts'
import { brussels, champion, hyderabad, phoenix, tunis } from './normals.ts'
import { loopSoil, type LoopSoil } from './soil.ts'
import type { Normals, WeatherDay } from './weather.ts'

export interface Economics {
  /** per tonne of dry yield */
  cropPricePerT: number
  /** per mm on a hectare, at the meter: water and energy */
  waterCostPerMm: number
  /** labour and wear per application, per hectare */
  costPerIrrigation: number
}

/** FAO-56 single crop coefficients for the place (Tables 12 and 22), stages fitted to its calendar. */
export interface CheckbookTable {
  stagesD: readonly [number, number, number, number]
  kc: readonly [number, number, number] // initial, mid, end
  rootStartM: number
  rootMaxM: number
  p: number
}

export interface Climate {
  name: string
  about: string
  /** days of a real record; null: generated from the normals */
  record: readonly WeatherDay[] | null
  normals: Normals
  elevM: number
  timeZone: string
  crop: LoopCrop
  sowing: string // MM-DD
  soil: LoopSoil
  texture: string
  /** depth to rock, where it matters: known to the farm */
  soilDepthM: number | null
  /** share of TAW in the soil at sowing, mean; it varies by a tenth from year to year */
  startShare: number
  economics: Economics
  table: CheckbookTable
}

// hydraulic properties of the default soil files of AquaCrop (Reference Manual, Annex I)
const sandyLoam = loopSoil({
  saturation: 0.41,
  fieldCapacity: 0.22,
  wiltingPoint: 0.1,
  kSatMmD: 1200,
  curveNumber: 61,
})
const loam = loopSoil({
  saturation: 0.46,
  fieldCapacity: 0.31,
  wiltingPoint: 0.15,
  kSatMmD: 500,
  curveNumber: 65,
})
const sandyClayLoam = loopSoil({
  saturation: 0.47,
  fieldCapacity: 0.32,
  wiltingPoint: 0.2,
  kSatMmD: 225,
  curveNumber: 72,
})

export const climates: readonly Climate[] = [
  {
    name: 'champion-maize',
    about: 'Nebraska, maize on sandy loam: hot summers with thunderstorms',
    record: null,
    normals: champion,
    elevM: 1040,
    timeZone: 'America/Chicago',
    crop: maize,
    sowing: '05-01',
    soil: sandyLoam,
    texture: 'sandy-loam',
    startShare: 0.5,
    soilDepthM: null,
    // grain at a long-run farm price; pumped groundwater under a centre pivot
    economics: { cropPricePerT: 180, waterCostPerMm: 1, costPerIrrigation: 5 },
    table: {
      stagesD: [30, 40, 45, 25],
      kc: [0.3, 1.2, 0.5],
      rootStartM: 0.3,
      rootMaxM: 1.4,
      p: 0.55,
    },
  },
  {
    name: 'tunis-wheat',
    about: 'Tunis, winter wheat on loam: wet winters, a spring that dries out',
    record: null,
    normals: tunis,
    elevM: 10,
    timeZone: 'Africa/Tunis',
    crop: wheat,
    sowing: '11-01',
    soil: loam,
    texture: 'loam',
    startShare: 0.4,
    soilDepthM: null,
    // a subsidised price near the world's; water of a public network
    economics: { cropPricePerT: 240, waterCostPerMm: 0.8, costPerIrrigation: 8 },
    table: {
      stagesD: [25, 70, 55, 30],
      kc: [0.4, 1.15, 0.3],
      rootStartM: 0.3,
      rootMaxM: 1.4,
      p: 0.55,
    },
  },
  {
    name: 'brussels-potato',
    about: 'Brussels, potato on loam: rain in every month, short dry spells',
    record: null,
    normals: brussels,
    elevM: 50,
    timeZone: 'Europe/Brussels',
    crop: potato,
    sowing: '04-25',
    soil: loam,
    texture: 'loam',
    startShare: 0.8,
    soilDepthM: null,
    // 140 $/t fresh at 22 % dry matter; a hose reel that is moved manually
    economics: { cropPricePerT: 630, waterCostPerMm: 1.2, costPerIrrigation: 25 },
    table: {
      stagesD: [30, 30, 40, 25],
      kc: [0.5, 1.15, 0.75],
      rootStartM: 0.3,
      rootMaxM: 0.6,
      p: 0.35,
    },
  },
  {
    name: 'phoenix-cotton',
    about: 'Arizona, cotton on sandy loam: hardly any rain',
    record: null,
    normals: phoenix,
    elevM: 360,
    timeZone: 'America/Phoenix',
    crop: cotton,
    sowing: '04-15',
    soil: sandyLoam,
    texture: 'sandy-loam',
    startShare: 0.7,
    soilDepthM: null,
    // seed cotton: lint at 1.6 $/kg and its seed; canal water, pumped again
    economics: { cropPricePerT: 750, waterCostPerMm: 0.9, costPerIrrigation: 5 },
    table: {
      stagesD: [30, 50, 55, 35],
      kc: [0.35, 1.2, 0.6],
      rootStartM: 0.3,
      rootMaxM: 1.3,
      p: 0.65,
    },
  },
  {
    name: 'deccan-maize',
    about: 'Hyderabad, maize after the monsoon on red sandy clay loam: starts wet, ends dry',
    record: null,
    normals: hyderabad,
    elevM: 540,
    timeZone: 'Asia/Kolkata',
    // a short hybrid with a smaller canopy and ear; decayed rock below
    crop: { ...maize, rootMaxM: 1.2, coverMost: 0.88, harvestIndex: 0.4 },
    sowing: '10-01',
    soil: sandyClayLoam,
    texture: 'sandy-clay-loam',
    startShare: 0.8,
    soilDepthM: 1.2,
    // a support price; a borewell with expensive water, low labour cost
    economics: { cropPricePerT: 210, waterCostPerMm: 0.8, costPerIrrigation: 3 },
    table: {
      stagesD: [20, 30, 35, 25],
      kc: [0.3, 1.2, 0.5],
      rootStartM: 0.3,
      rootMaxM: 1.1,
      p: 0.55,
    },
  },
]
