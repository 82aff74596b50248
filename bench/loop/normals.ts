/**
 * Monthly normals of the places of the closed loop. Champion and Tunis: statistics of the records distributed with
 * AquaCrop (1990-2010 and 1979-2002). Brussels, Phoenix and Hyderabad: the published climate normals of 1981-2010,
 * rounded; the persistence of wet days is typical of the place.
 */
import type { Monthly, Normals } from './weather.ts'

/** Rain probabilities from the share of wet days and the day-to-day correlation. */
function chain(wetShare: Monthly, memory: number): Pick<Normals, 'wetAfterDry' | 'wetAfterWet'> {
  const mapShares = (change: (share: number) => number) => wetShare.map(change) as unknown as Monthly
  return {
    wetAfterDry: mapShares((share) => share * (1 - memory)),
    wetAfterWet: mapShares((share) => memory + share * (1 - memory)),
  }
}

const sameShape = (shape: number): Monthly => Array<number>(12).fill(shape) as unknown as Monthly

/** Monthly rain per wet day, mm. */
const wetDays = (monthMm: Monthly, wetShare: Monthly): Monthly =>
  monthMm.map((mm, i) => mm / (30.4375 * wetShare[i]!)) as unknown as Monthly

export const champion: Normals = {
  latDeg: 40.4,
  tMinC: [-10.8, -9, -4.9, 0.1, 6.8, 12.3, 15.1, 14.1, 8, 0.8, -5.8, -10.4],
  tMaxC: [5.3, 7.3, 12.4, 16.9, 22.6, 28.3, 31.9, 30.6, 26.5, 19, 11.2, 5.6],
  et0Mm: [1.56, 1.94, 2.81, 3.71, 4.67, 5.87, 6.4, 5.72, 4.74, 3.27, 2.11, 1.51],
  wetAfterDry: [0.03, 0.05, 0.07, 0.16, 0.22, 0.22, 0.23, 0.19, 0.11, 0.12, 0.05, 0.03],
  wetAfterWet: [0.24, 0.24, 0.39, 0.46, 0.41, 0.47, 0.43, 0.34, 0.34, 0.37, 0.28, 0.39],
  wetDayMm: [6.3, 6.4, 6.4, 6.5, 7.3, 7.7, 9.6, 8.8, 7.4, 8.3, 6.1, 7.2],
  wetDayShape: [2.1, 2.6, 1.3, 1.2, 0.6, 0.57, 0.7, 0.62, 0.76, 0.5, 1.8, 2.1],
  dayC: 4.5,
  wetCoolerC: 3,
  yearC: 0.8,
  yearRain: 0.25,
}

export const tunis: Normals = {
  latDeg: 36.8,
  tMinC: [7.2, 7.5, 8.8, 10.6, 14.1, 18, 20.5, 21.6, 19.6, 16.2, 11.7, 8.5],
  tMaxC: [16, 16.9, 19, 21.4, 25.8, 30.2, 33.4, 33.9, 30.5, 26.4, 21, 17.2],
  et0Mm: [1.39, 1.89, 2.74, 3.74, 4.92, 5.97, 6.46, 5.9, 4.39, 2.95, 1.88, 1.34],
  wetAfterDry: [0.22, 0.2, 0.19, 0.17, 0.1, 0.05, 0.01, 0.03, 0.12, 0.15, 0.22, 0.25],
  wetAfterWet: [0.58, 0.58, 0.48, 0.42, 0.34, 0.2, 0.22, 0.22, 0.42, 0.41, 0.51, 0.56],
  wetDayMm: [6.5, 5.9, 4.4, 5.5, 6.3, 3.4, 6, 6.7, 8, 7.3, 6.4, 6],
  wetDayShape: [0.55, 0.52, 0.97, 1.1, 0.49, 1.05, 0.91, 0.74, 0.67, 0.6, 0.52, 0.51],
  dayC: 2.5,
  wetCoolerC: 2,
  yearC: 0.6,
  yearRain: 0.3,
}

const brusselsWet: Monthly = [0.55, 0.5, 0.51, 0.45, 0.46, 0.43, 0.41, 0.41, 0.45, 0.48, 0.55, 0.56]
export const brussels: Normals = {
  latDeg: 50.8,
  tMinC: [0.7, 0.7, 3.1, 5.3, 9.2, 11.9, 14, 13.6, 10.9, 7.8, 4.1, 1.6],
  tMaxC: [5.7, 6.6, 10.4, 14.2, 18.1, 20.6, 23, 22.6, 19, 14.7, 9.5, 6.1],
  et0Mm: [0.5, 0.8, 1.5, 2.4, 3.1, 3.5, 3.7, 3.2, 2, 1.1, 0.6, 0.4],
  ...chain(brusselsWet, 0.3),
  wetDayMm: wetDays([76, 63, 70, 51, 67, 72, 74, 79, 69, 75, 76, 81], brusselsWet),
  wetDayShape: sameShape(0.75),
  dayC: 3.5,
  wetCoolerC: 2.5,
  yearC: 0.7,
  yearRain: 0.2,
}

const phoenixWet: Monthly = [0.1, 0.11, 0.1, 0.05, 0.03, 0.02, 0.12, 0.14, 0.08, 0.06, 0.07, 0.11]
export const phoenix: Normals = {
  latDeg: 33.1,
  tMinC: [4, 6, 8.5, 12, 17, 21.5, 25.5, 25, 21, 14.5, 8, 4],
  tMaxC: [20, 22, 25, 30, 35, 40, 41.5, 40.5, 37.5, 31.5, 24.5, 19.5],
  et0Mm: [2.3, 3.2, 4.7, 6.6, 8.2, 9.2, 8.7, 7.8, 6.6, 4.8, 2.9, 2],
  ...chain(phoenixWet, 0.25),
  wetDayMm: wetDays([22, 22, 22, 7, 3, 2, 22, 25, 17, 14, 15, 22], phoenixWet),
  wetDayShape: sameShape(0.7),
  dayC: 2.8,
  wetCoolerC: 5,
  yearC: 0.7,
  yearRain: 0.4,
}

const hyderabadWet: Monthly = [0.03, 0.03, 0.04, 0.07, 0.1, 0.35, 0.5, 0.5, 0.4, 0.25, 0.08, 0.02]
export const hyderabad: Normals = {
  latDeg: 17.4,
  tMinC: [15, 17.5, 20.5, 24, 26, 24.2, 22.9, 22.3, 22, 20, 16.5, 14],
  tMaxC: [28.8, 31.8, 35.2, 37.6, 38.8, 34.4, 30.8, 29.6, 30.5, 30.6, 28.9, 27.8],
  et0Mm: [3.7, 4.7, 5.9, 6.8, 7.4, 5.9, 4.6, 4.2, 4.2, 3.9, 3.5, 3.3],
  ...chain(hyderabadWet, 0.35),
  wetDayMm: wetDays([10, 10, 15, 25, 35, 110, 175, 190, 160, 100, 25, 6], hyderabadWet),
  wetDayShape: sameShape(0.6),
  dayC: 1.8,
  wetCoolerC: 3,
  yearC: 0.5,
  yearRain: 0.25,
}
