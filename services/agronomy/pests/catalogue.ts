/**
 * The catalogue of pests: thresholds, method, cutoff, biofix, events, source. A pest is parameters, never code. Sums
 * and thresholds are as printed in their source (`celsius` and `celsiusDays` convert °F and °F·d into °C and °C·d).
 * `confirmed: false`: at least one figure needs a second source (`check` names it); show it as unconfirmed.
 */
import type { Cutoff, HeatMethod, HeatModel } from '../crops/degree-days.ts'
import type { Pest } from './pest.ts'

/** Changes with every figure: a stored sum has the version it was calculated with. */
export const PESTS_VERSION = '2026.2'

const celsius = (degreesF: number): number => ((degreesF - 32) * 5) / 9
const celsiusDays = (degreeDaysF: number): number => (degreeDaysF * 5) / 9
const heat = (method: HeatMethod, cutoff: Cutoff, lowerC: number, upperC: number | null): HeatModel => ({
  method,
  cutoff,
  lowerC,
  upperC,
})

export const pests = {
  'codling-moth': {
    id: 'codling-moth',
    species: 'Cydia pomonella',
    crops: ['apple', 'pear', 'walnut'],
    heat: heat('single-sine', 'horizontal', celsius(50), celsius(88)),
    biofix: 'first-catch',
    events: [{ key: 'egg-hatch', sumCd: celsiusDays(250) }],
    generationCd: celsiusDays(1100),
    flight: {
      curve: { kind: 'johnson-sb', gamma: 0.4603673, delta: 0.8674057, xi: 69.22063, lambda: 662.5367 },
      source: 'Rincon et al. (2024), Ecol. Modell. 493:110763: catches of the overwintered flight',
    },
    threshold: {
      count: 5,
      perDays: 7,
      source: 'NIAB, United Kingdom, May to July; WSU acts on 2 in each of two weeks',
    },
    source: 'UC IPM phenology database; WSU Tree Fruit (Jones et al.)',
    confirmed: false,
    check: 'generation: UC IPM lists 1,060-1,240 °F·d; the catch that asks for action differs by region',
  },
  'oriental-fruit-moth': {
    id: 'oriental-fruit-moth',
    species: 'Grapholita molesta',
    crops: ['apple', 'peach'],
    heat: heat('single-sine', 'horizontal', celsius(45), celsius(90)),
    biofix: 'first-catch',
    events: [{ key: 'treatment', sumCd: celsiusDays(500), toCd: celsiusDays(600) }],
    generationCd: celsiusDays(963),
    threshold: {
      count: 7,
      perDays: 7,
      source: 'University of Kentucky, apple and peach: more than 7 a week',
    },
    source: 'Rice, Weakley & Jones (1984); Croft et al. (1980); UC IPM',
    confirmed: false,
    check: 'all sums',
  },
  'peach-twig-borer': {
    id: 'peach-twig-borer',
    species: 'Anarsia lineatella',
    crops: ['almond', 'peach'],
    heat: heat('single-sine', 'horizontal', celsius(50), celsius(88)),
    biofix: 'first-catch',
    events: [
      { key: 'flight-peak', sumCd: celsiusDays(369) },
      { key: 'treatment', sumCd: celsiusDays(400) },
    ],
    generationCd: celsiusDays(1080),
    source: 'Zalom et al. (1992), J. Econ. Entomol. 85:1904; UC IPM',
    confirmed: true,
    check: null,
  },
  'navel-orangeworm': {
    id: 'navel-orangeworm',
    species: 'Amyelois transitella',
    crops: ['almond', 'pistachio', 'walnut'],
    heat: heat('single-sine', 'horizontal', celsius(55), celsius(94)),
    biofix: 'first-catch',
    events: [
      { key: 'generation-on-new-crop', sumCd: celsiusDays(726) },
      { key: 'generation-on-mummies', sumCd: celsiusDays(1056) },
    ],
    generationCd: celsiusDays(1056),
    source: 'UC IPM navel orangeworm model',
    confirmed: false,
    check: 'sums; thresholds and method agree with 11 years of UC IPM degree-days',
  },
  'corn-earworm': {
    id: 'corn-earworm',
    species: 'Helicoverpa zea',
    crops: ['maize', 'cotton', 'tomato'],
    heat: heat('single-sine', 'intermediate', celsius(54.7), celsius(91.9)),
    biofix: 'first-catch',
    events: [
      { key: 'egg-hatch', sumCd: celsiusDays(72.9) },
      { key: 'small-larvae', sumCd: celsiusDays(147.1) },
      { key: 'large-larvae', sumCd: celsiusDays(217.1) },
      { key: 'pupae', sumCd: celsiusDays(323.1) },
      { key: 'adults', sumCd: celsiusDays(760.1) },
    ],
    generationCd: celsiusDays(872.8),
    threshold: {
      count: 1,
      perDays: 5,
      source: 'University of Maryland, silking sweet corn, nylon mesh trap: 0.2 moths a day',
    },
    source: 'Hartstack et al. (1976) MOTHZV-2; UC IPM',
    confirmed: true,
    check: null,
  },
  'black-cutworm': {
    id: 'black-cutworm',
    species: 'Agrotis ipsilon',
    crops: ['maize'],
    heat: heat('single-sine', 'horizontal', celsius(50.7), celsius(86)),
    biofix: 'peak-catch', // 8 moths in 2 nights
    events: [
      { key: 'egg-hatch', sumCd: celsiusDays(93.6) },
      { key: 'large-larvae', sumCd: celsiusDays(635.4) },
    ],
    generationCd: null,
    source: 'Luckmann et al. (1976); UC IPM',
    confirmed: true,
    check: null,
  },
  'european-corn-borer': {
    id: 'european-corn-borer',
    species: 'Ostrinia nubilalis, two generations',
    crops: ['maize'],
    heat: heat('modified-average', 'horizontal', celsius(50), celsius(86)),
    biofix: 'first-january',
    events: [
      { key: 'first-moths', sumCd: celsiusDays(374) },
      { key: 'first-eggs', sumCd: celsiusDays(450) },
      { key: 'flight-peak', sumCd: celsiusDays(631) },
      { key: 'treatment', sumCd: celsiusDays(800), toCd: celsiusDays(1000) },
      { key: 'second-moths', sumCd: celsiusDays(1400) },
      { key: 'second-eggs', sumCd: celsiusDays(1450) },
      { key: 'second-treatment', sumCd: celsiusDays(1550), toCd: celsiusDays(2100) },
      { key: 'second-flight-peak', sumCd: celsiusDays(1733) },
    ],
    generationCd: null,
    source: 'J. W. Apple, University of Wisconsin',
    confirmed: true,
    check: null,
  },
  'western-corn-rootworm': {
    id: 'western-corn-rootworm',
    species: 'Diabrotica virgifera',
    crops: ['maize'],
    heat: heat('average', 'none', celsius(52), null),
    soil: true, // at 10 cm
    biofix: 'first-january',
    events: [{ key: 'egg-hatch-half', sumCd: celsiusDays(684), toCd: celsiusDays(767) }],
    generationCd: null,
    source: 'Iowa State University ICM (Hodgson 2014)',
    confirmed: false,
    check: 'sources disagree: Illinois (1999) gives 380-426 °F·d',
  },
  'fall-armyworm': {
    id: 'fall-armyworm',
    species: 'Spodoptera frugiperda',
    crops: ['maize'],
    heat: heat('single-sine', 'none', 12.57, null),
    biofix: 'first-catch',
    events: [{ key: 'adults', sumCd: 391.6 }],
    generationCd: 391.6,
    source: 'du Plessis, Schlemmer & Van den Berg (2020), Insects 11:228',
    confirmed: false,
    check: 'sum; thresholds seen',
  },
  'cotton-leafworm': {
    id: 'cotton-leafworm',
    species: 'Spodoptera littoralis',
    crops: ['tomato', 'cotton'],
    heat: heat('single-triangle', 'horizontal', 11.67, 35),
    biofix: 'first-catch',
    events: [
      { key: 'egg-hatch', sumCd: 49 },
      { key: 'pupae', sumCd: 285 },
      { key: 'adults', sumCd: 437 },
    ],
    generationCd: 462,
    source:
      'DDRP v2 species parameters (Barker & Coop, Oregon State University): 49, 236, 152, 25 °C·d by stage',
    confirmed: true,
    check: null,
  },
  'rice-leaffolder': {
    id: 'rice-leaffolder',
    species: 'Cnaphalocrocis medinalis',
    crops: ['rice'],
    heat: heat('average', 'none', 12.2, null),
    biofix: 'peak-catch',
    events: [
      { key: 'egg-hatch', sumCd: 57.1 },
      { key: 'pupae', sumCd: 260.8 },
      { key: 'adults', sumCd: 342 },
    ],
    generationCd: 342,
    source: 'Appl. Ent. Zool. 15(3):207 (1980): egg 57.1, larva 203.7, pupa 81.2 °C·d',
    confirmed: false,
    check: 'the source has a threshold a stage (12.5, 12.2, 14.2 °C); one is used',
  },
  'rice-stem-borer': {
    id: 'rice-stem-borer',
    species: 'Chilo suppressalis',
    crops: ['rice'],
    heat: heat('average', 'none', 10.5, null),
    biofix: 'peak-catch', // of the overwintered adults
    events: [{ key: 'next-flight', sumCd: 600, toCd: 750 }],
    generationCd: 690,
    source: 'Japanese extension practice: 10-11 °C, 600-750 °C·d a generation',
    confirmed: false,
    check: 'threshold and sum',
  },
  'brown-planthopper': {
    id: 'brown-planthopper',
    species: 'Nilaparvata lugens',
    crops: ['rice'],
    heat: heat('average', 'none', 12, null),
    biofix: 'peak-catch', // of the immigration
    events: [
      { key: 'egg-hatch', sumCd: 138 },
      { key: 'adults', sumCd: 352 },
      { key: 'next-generation', sumCd: 410 },
    ],
    generationCd: 410,
    source: 'thresholds 12.2 °C (instars 1-3), 11.3 °C (4-5): ESA 2001 abstract; egg 138, nymph 214 °C·d',
    confirmed: false,
    check: 'threshold and all sums',
  },
  'beet-leafhopper': {
    id: 'beet-leafhopper',
    species: 'Circulifer tenellus',
    crops: ['beet', 'potato', 'tomato'],
    heat: heat('single-sine', 'horizontal', 10, 29.8),
    biofix: 'first-january',
    events: [],
    generationCd: null,
    threshold: {
      count: 40,
      perDays: 7,
      source: 'Washington State University 2013, potato: time to be concerned; no threshold is established',
    },
    source: 'Washington State University (Rincon et al.)',
    confirmed: false,
    check: 'no sums of events; the threshold is not established',
  },
  'grape-berry-moth': {
    id: 'grape-berry-moth',
    species: 'Lobesia botrana',
    crops: ['grape'],
    heat: heat('single-sine', 'horizontal', 10, 30),
    biofix: 'first-catch',
    events: [{ key: 'next-flight', sumCd: 430 }],
    generationCd: 430,
    source: 'literature of integrated pest management',
    confirmed: false,
    check: 'all figures',
  },
} satisfies Record<string, Pest>

export type PestName = keyof typeof pests

const customPests = new Map<string, Pest>()

/** Sets the operator's custom rows at start-up; one with an existing id replaces Tilth's. */
export function setCustomPests(rows: readonly Pest[]): void {
  customPests.clear()
  for (const pest of rows) customPests.set(pest.id, pest)
}

/** The row of a pest's name; undefined when neither the operator nor the catalogue has one. */
export const pestOf = (name: string): Pest | undefined =>
  customPests.get(name) ?? (Object.hasOwn(pests, name) ? pests[name as PestName] : undefined)
