/** The keys of `why` in the output of `npm run decide`: terms, and notes on missing or assumed data. */
export const decideKeys = {
  // terms
  depletion: 'deficit of the root zone below field capacity, mm; sdMm: its standard deviation',
  line: 'depletion from which water is given, mm; null: no irrigation any more. ruleMm: the limit of the rule, before the test of waiting',
  depth: 'gross depth, mm; netMm reach the roots',
  leaching:
    'gross mm of the depth that leach salt; percent of the water, thresholdDsM: salinity threshold ECe of the crop',
  'leaching-postponed':
    'leaching is needed and postponed: reason rain, or no-water-ec; thresholdDsM as above',
  'leaching-due': 'gross mm of leaching that past irrigations lack',
  'salt-loss':
    'yield that the salt of the soil costs, lossPercent; ecDsM: ECe of the roots, thresholdDsM as above',
  'water-too-salty': 'no leaching makes this water fit for the crop: waterEcDsM, thresholdDsM as above',
  'probes-dry':
    'each probe within the roots is at the wilting point in a sensitive phase: water is due, whatever the estimate; depletionMm: what they show',
  'season-ahead': 'expected gross irrigation until harvest, mm; lossPercent: expected loss of yield',
  learned: 'usePercent: water use relative to the tables; arrivalPercent: arriving share of an irrigation',
  // counterfactuals
  'rain-over': 'mm of rain by then: no irrigation',
  'available-below': 'mm left above the line',
  'below-minimum': 'the depth is below the minimum of the system in one run, mm',
  'from-last-season':
    'sensors, irrigation and crop start with the estimates of the last season, less certain',
  // missing data
  'crop-generic': 'no table has this crop',
  'no-history': 'no weather of other years: the rule of the tables, no rain beyond the forecast',
  'history-short': 'fewer than four complete seasons: the rule of the tables',
  'no-economics': '100 mm of water are taken to be worth 2.5 % of a full yield',
  'no-price': 'as no-economics',
  'no-water-cost': 'as no-economics, with the given price of the harvest',
  'yield-usual': 'a good yield of FAO-33 replaces that of the field',
  'no-initial-water': 'the soil water at planting is unknown',
  'no-forecast': 'the days ahead are those of other years',
  'no-soil-moisture': 'no reading of a sensor: the balance alone',
  'reading-refused':
    'a soil moisture above 0 and below 1 m3/m3 was expected: sensor and got name the reading that is left out',
  'sensor-stuck': 'sensor names it: a sensor with an identical value day after day is left out',
  'sensor-contradicted':
    'a sensor is not followed: sensor names it; reason stays-wet, stays-dry (against the water that weather, irrigation and tables leave), or improbable. With stays-wet, water may also come from below',
  'water-missing':
    'water that was ordered did not arrive by the meter or the probes: orderedMm; runs: how many in a row',
  'order-withheld':
    'after two runs in a row without water an order is repeated every third day; runs as above',
  'killed-by-frost': 'the night of day with minC ended the crop: no irrigation',
  'no-applied': 'the irrigation is not reported: it is assumed as ordered',
  'no-rain': 'the rain is unknown, which is not the same as none',
  'et0-hargreaves': 'ET0 from the temperatures',
  'et0-expected': 'ET0 as the mean of the last days',
  'days-missing': 'days are missing before this one',
  'not-in-season': 'before planting or after harvest: no irrigation',
} as const
