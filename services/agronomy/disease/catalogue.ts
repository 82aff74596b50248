/**
 * The catalogue of diseases: crops, model, parameters, source. Another disease of a known kind of model is one row.
 * `confirmed: false`: at least one figure needs a second source (`check` names it); show it as unconfirmed.
 */
import type { Stage } from '../crops/growth.ts'
import type { ModelChoice } from './models.ts'
import { hutton, smith } from './humid-days.ts'

/** Changes with every figure: a stored day has the version it was calculated with. */
export const DISEASES_VERSION = '2026.1'

export type Disease = ModelChoice & {
  id: string
  species: string
  crops: readonly string[] // of the crop catalogue; none: for comparison only, not shown
  stages: readonly Stage[] | null // in which the crop can be infected; null: all
  source: string
  confirmed: boolean
  check: string | null
}

export const diseases: readonly Disease[] = [
  {
    id: 'apple-scab',
    species: 'Venturia inaequalis',
    crops: ['apple'],
    stages: null,
    model: 'apple-scab',
    params: { isHighInoculum: false },
    source: 'revised Mills table: MacHardy & Gadoury 1989, Stensvand et al. 1997',
    confirmed: true,
    check: null,
  },
  {
    id: 'tomato-early-blight',
    species: 'Alternaria, Septoria, Colletotrichum',
    crops: ['tomato'],
    stages: null,
    model: 'tomcast',
    params: { moderateDsv: 10, highDsv: 15 },
    source: 'TOMCAST: Madden et al. 1978, Pitblado 1992; levels of the University of Wisconsin',
    confirmed: false,
    check: 'the table at its edges (published codes differ by 1 h or 1 °C); levels made for carrot',
  },
  {
    id: 'late-blight',
    species: 'Phytophthora infestans',
    crops: ['potato', 'tomato'],
    stages: null,
    model: 'blitecast',
    params: {},
    source: 'BLITECAST: Wallin 1962, Hyre 1954, Krause et al. 1975',
    confirmed: false,
    check: 'the table of severity values',
  },
  {
    id: 'late-blight-hutton',
    species: 'Phytophthora infestans',
    crops: ['potato'],
    stages: null,
    model: 'humid-days',
    params: hutton,
    source: 'Hutton criteria: Dancey, Skelsey & Cooke 2017',
    confirmed: false,
    check: 'from secondary sources',
  },
  {
    id: 'late-blight-smith', // replaced by the Hutton criteria
    species: 'Phytophthora infestans',
    crops: [],
    stages: null,
    model: 'humid-days',
    params: smith,
    source: 'Smith period: Smith 1956',
    confirmed: false,
    check: 'from secondary sources',
  },
  {
    id: 'potato-early-blight',
    species: 'Alternaria solani',
    crops: ['potato'],
    stages: null,
    model: 'potato-days',
    params: {},
    source: 'P-days: Sands et al. 1979, Pscheidt & Stevenson 1988; levels of the University of Wisconsin',
    confirmed: false,
    check: 'the formula; counted from planting, not from emergence',
  },
  {
    id: 'grape-powdery-mildew',
    species: 'Erysiphe necator',
    crops: ['grape'],
    stages: null,
    model: 'gubler-thomas',
    params: {},
    source: 'risk assessment index: Gubler et al. 1999, UC IPM',
    confirmed: true,
    check: null,
  },
  {
    id: 'grape-botrytis',
    species: 'Botrytis cinerea',
    crops: ['grape'],
    stages: null,
    model: 'botrytis',
    params: { partingDryH: 4, moderatePct: 50, highPct: 70 },
    source: 'Broome et al. 1995; periods parted by 4 dry hours: Evans et al. 2010',
    confirmed: false,
    check: 'levels',
  },
  {
    id: 'grape-downy-mildew',
    species: 'Plasmopara viticola',
    crops: ['grape'],
    stages: null,
    model: 'three-ten',
    params: {},
    source: '3-10 rule: Baldacci 1947',
    confirmed: false,
    check: 'from a secondary source',
  },
  {
    id: 'rice-leaf-blast',
    species: 'Pyricularia oryzae',
    crops: ['rice'],
    stages: null,
    model: 'blastam',
    params: {},
    source: 'BLASTAM: Koshimizu 1988; criteria of Mie, Miyazaki, Oita and Shiga prefectures',
    confirmed: true,
    check: null,
  },
  {
    id: 'rice-leaf-blast-season',
    species: 'Pyricularia oryzae',
    crops: ['rice'],
    stages: null,
    model: 'epirice',
    params: {
      onsetD: 15,
      durationD: 120,
      humidityPct: 90,
      rainMm: 5,
      sitesInitial: 600,
      infectiousInitial: 1,
      RcOpt: 1.14,
      latentD: 5,
      infectiousD: 20,
      aggregation: 1,
      sitesMax: 30_000,
      senescence: 0.01,
      growth: 0.1,
      // prettier-ignore
      RcT: [[10, 0], [15, 0.5], [20, 1], [25, 0.6], [30, 0.2], [35, 0.05], [40, 0.01], [45, 0]],
      // prettier-ignore
      RcA: [
        [0, 1], [5, 1], [10, 1], [15, 0.9], [20, 0.8], [25, 0.7], [30, 0.64], [35, 0.59], [40, 0.53], [45, 0.43],
        [50, 0.32], [55, 0.22], [60, 0.16], [65, 0.09], [70, 0.03], [75, 0.02], [80, 0.02], [85, 0.02], [90, 0.01],
        [120, 0.01],
      ],
      moderatePct: 1,
      highPct: 5,
    },
    source: 'EPIRICE: Savary et al. 2012, Table 2, as coded in epicrop',
    confirmed: false,
    check: 'levels; counted from transplanting, not from emergence',
  },
  {
    id: 'wheat-head-blight',
    species: 'Fusarium graminearum',
    crops: ['wheat', 'winter-wheat'],
    stages: ['mid-season'],
    model: 'head-blight',
    params: { resistance: 'VS', moderatePct: 24, highPct: 32 },
    source: 'De Wolf (wheatscab), as coded by the University of Wisconsin',
    confirmed: false,
    check: 'coefficients from one public code; a very susceptible variety is assumed',
  },
  {
    id: 'maize-tar-spot',
    species: 'Phyllachora maydis',
    crops: ['maize'],
    stages: ['development', 'mid-season'],
    model: 'tar-spot',
    params: { moderatePct: 20, highPct: 35 },
    source: 'Webster et al. 2023, as coded by the University of Wisconsin',
    confirmed: false,
    check: 'coefficients from one public code',
  },
  {
    id: 'apple-scab-generic', // an alternative to the Mills table
    species: 'Venturia inaequalis',
    crops: [],
    stages: null,
    model: 'generic-infection',
    params: { tempMinC: 1, tempOptC: 20, tempMaxC: 35, wetMinH: 6, wetMaxH: 40.5, partingDryH: 8 },
    source: 'Magarey, Sutton & Russo 2005',
    confirmed: false,
    check: 'parameters',
  },
]

/** Includes the rows that are for comparison only; undefined for an unknown id. */
export const diseaseOf = (id: string): Disease | undefined => diseases.find((disease) => disease.id === id)

/** In the order of the catalogue; empty for a crop without a model. */
export const diseasesOfCrop = (crop: string): Disease[] =>
  diseases.filter(({ crops }) => crops.includes(crop))
