/** What a disease's answer says of itself: keys with the parameters that their text may name, for the catalogue. */
const lacking = ['lacks', 'since', 'hours'] as const
const wet = ['wetH', 'wetC'] as const

export const diseaseWhyKeys = {
  'disease-lacks': lacking, // the input was never there
  'disease-lacks-since': lacking,
  'disease-lacks-days': [], // earlier days that are not known could change the level
  'disease-stage': [], // the crop cannot be infected now
  'scab-no-rain': [],
  'scab-temperature': wet,
  'scab-infection': [...wet, 'needH'],
  'scab-wet-still': [...wet, 'needH'],
  'scab-too-short': [...wet, 'needH'],
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
  'botrytis-chance': wet,
  'three-ten-if-shoots': ['tempC', 'rain48Mm'],
  'three-ten-not': ['tempC', 'rain48Mm'],
  'blast-favourable': [...wet, 'mean5C'],
  'blast-1': [...wet, 'mean5C'],
  'blast-2': [...wet, 'mean5C'],
  'blast-3': [...wet, 'mean5C'],
  'blast-4': [...wet, 'mean5C'],
  'blast-none': ['wetH', 'mean5C'],
  'epirice-severity': ['severityPct'],
  'head-blight-chance': ['humidity14Pct'],
  'tar-spot-chance': ['nightHumidH'],
  'infection-yes': [...wet, 'needH'],
  'infection-temperature': wet,
  'infection-too-short': [...wet, 'needH'],
} as const satisfies Record<string, readonly string[]>

export type DiseaseWhyKey = keyof typeof diseaseWhyKeys
