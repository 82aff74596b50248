/** Reason keys of a disease's risk with the parameters that their text may use, for the catalogue. */
const missingParams = ['missing', 'since', 'hours'] as const
const wetnessParams = ['wetH', 'wetC'] as const

export const diseaseReasonKeys = {
  'input-missing': missingParams, // the input was never available
  'input-missing-since': missingParams,
  'days-missing': [], // earlier unknown days could change the level
  'disease-stage': [], // the crop is not susceptible at this stage
  'scab-no-rain': [],
  'scab-temperature': wetnessParams,
  'scab-infection': [...wetnessParams, 'needH'],
  'scab-wet-still': [...wetnessParams, 'needH'],
  'scab-too-short': [...wetnessParams, 'needH'],
  'tomcast-week': ['wetH', 'dsv', 'weekDsv', 'seasonDsv'],
  'blitecast-season': ['humidH', 'sv', 'seasonSvLo', 'rainRunLo'],
  'blitecast-week': ['humidH', 'sv', 'weekSv', 'rainDays'],
  'humid-none': ['humidH', 'tempMinC'],
  'humid-first': ['humidH', 'tempMinC'],
  'humid-period': ['humidH', 'tempMinC'],
  'p-days': ['pDays', 'sumLo'],
  'mildew-not-started': ['mildH', 'runLo'],
  'mildew-index': ['mildH', 'indexLo'],
  'botrytis-too-short': ['wetH'],
  'botrytis-chance': wetnessParams,
  'three-ten-if-shoots': ['tempC', 'rain48Mm'],
  'three-ten-not': ['tempC', 'rain48Mm'],
  'blast-favourable': [...wetnessParams, 'mean5C'],
  'blast-1': [...wetnessParams, 'mean5C'],
  'blast-2': [...wetnessParams, 'mean5C'],
  'blast-3': [...wetnessParams, 'mean5C'],
  'blast-4': [...wetnessParams, 'mean5C'],
  'blast-none': ['wetH', 'mean5C'],
  'epirice-severity': ['severityPct'],
  'head-blight-chance': ['humidity14Pct'],
  'tar-spot-chance': ['nightHumidH'],
  'infection-yes': [...wetnessParams, 'needH'],
  'infection-temperature': wetnessParams,
  'infection-too-short': [...wetnessParams, 'needH'],
} as const satisfies Record<string, readonly string[]>

export type DiseaseReasonKey = keyof typeof diseaseReasonKeys
