/** The keys of `why` in the output of `npm run decide`: terms, and notes on missing or assumed data. */
export const decideKeys = {
  // terms
  depletion: 'mm missing of field capacity in the root zone; sdMm: how sure',
  line: 'depletion from which water is given, mm; null: no water any more. ruleMm: before it was asked whether to wait',
  depth: 'gross mm that are ordered; netMm reach the roots',
  leaching: 'gross mm of the depth that carry salt away; percent of the water, bearsDsM: ECe the crop bears',
  'leaching-waits': 'salt asks for more, and gets none: reason rain, or no-water-ec; bearsDsM as above',
  'season-ahead': 'gross mm expected until harvest; lossPercent: yield that will be lost, expected',
  learned:
    'usePercent: what this crop uses by the tables; arrivalPercent: of what an irrigation should bring',
  // counterfactuals
  'rain-over': 'mm of rain by then: no water',
  'left-below': 'mm left above the line',
  'too-little': 'less is wanted than the system gives in one run, mm',
  'from-last-season':
    'sensors, irrigation and crop as the last season of this field has shown them, less surely',
  // missing data
  'crop-generic': 'no table has this crop',
  'no-history': 'no weather of other years: the rule of the tables, no rain beyond the forecast',
  'history-short': 'fewer than four whole seasons: the rule of the tables',
  'no-economics': '100 mm of water are taken to be worth 4 % of a full yield',
  'no-price': 'as no-economics',
  'no-water-cost': 'as no-economics, by the price that was told',
  'yield-usual': 'a good yield of FAO-33 stands in for that of the field',
  'no-initial-water': 'the soil at planting is not known',
  'no-forecast': 'the days ahead are those of other years',
  'no-soil-moisture': 'no sensor was heard: the balance alone',
  'sensor-stuck': 'a sensor that says the very same number day after day is left out',
  'sensor-contradicted': 'a sensor that is further off than chance allows is not followed',
  'no-applied': 'nothing was said of irrigation: none is taken',
  'no-rain': 'rain is not known, which is not the same as none',
  'et0-hargreaves': 'ET0 by the temperatures',
  'et0-expected': 'ET0 as of late',
  'days-missing': 'days were passed over',
  'not-in-season': 'before planting or after harvest: no water',
} as const
