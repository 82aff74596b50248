/**
 * Which parts of the page travel together. What opens together compresses better in one file, and a sheet that is opened
 * brings its neighbours along; so does a screen of the bar, of which a field's first sight is one. What stands first (Today,
 * its weather, signing in) and what stands below a field's water stay apart.
 */
interface Chunk {
  name: string
  test: RegExp
}

/** Modules of ours, and icons by their names. */
const inSources = (names: string, icons = 'none'): RegExp =>
  new RegExp(`/src/(${names})\\b|/icons/(${icons})\\.svelte`)

/** The first that fits takes a module; one that none takes goes where its users are. */
export const chunks: Chunk[] = [
  // what every page stands on, and small things of many, in one file: each file more is another way there and back on a weak signal
  {
    name: 'base',
    test: new RegExp(
      `/node_modules/(svelte|clsx)/|/broker/contract/|preload-helper|rolldown/runtime|${
        inSources(
          'i18n/(i18n|locale|format|interpolate|languages)|app/(preferences|preferences-model|farm-clock|farm-time|resources?|session|link|read-change|live)|api|charts/box-width|ui/(Tick|Problem|LanguageChips|NumberField|Typed|Choice)|reports/scale',
          'minus|check|plus|x|copy|hourglass|circle-check|undo-2|download|camera|clock|triangle-alert|eye|eye-off',
        ).source
      }`,
    ),
  },
  // what a first visit shows before and right after Today
  { name: 'sign-in', test: inSources('screens/SignIn') },
  { name: 'weather', test: inSources('ui/(Weather|SkyStrip|Unfinished)', 'cloud-rain') },
  // the screens of the bar, and the small things of many screens
  {
    name: 'daily',
    test: inSources(
      'map/(FieldMap|MapFrame)|screens/(Fields|Field|Water|Pests|Devices|More)|field/(WaterCard|RestsOn|SoilLimits|WaterYield|TasksCard)|pests|people/OrgChips|field/FieldsInput|' +
        'sheets/duration|i18n/(kept-state|model-place|target-name)|charts/(ChartFrame|DayTable|DayTimeline|FuelGauge|HazardStrip|HeatBar|PaddyChart|WaterChart|paths|scale|time-axis|day-rows)|' +
        'app/(by-farm|decide-run|hours-text|named-fields|push|send-photo|shrink-picture)|' +
        'ui/(Banner|ValveRow|PhotoButton|SpanField|Tag|HoursField|Sheet|ModelMark|Folded|ForecastSkill|Kept|ZoneHours|DeviceRow|device-status|' +
        'RiskLegend|RiskMark|risk|Run(Record|Litres|Row)|run-status)',
      'arrow-left|map-pin|maximize|book-check|chevron-left|list-checks|log-out|radio|settings|users',
    ),
  },
  // what draws the map is large
  { name: 'map', test: /\/src\/map\b|\/leaflet\// },
  // what whoever runs the place opens, seldom
  {
    name: 'office',
    test: inSources(
      'audit|people|reports|notifications/WarnLimits|screens/(Audit|People|Settings|Onboarding|Join|Setup|Reports)',
    ),
  },
  // the sheets, each a tap away
  {
    name: 'sheets',
    test: inSources('sheets|notifications|charts/BatteryLine|i18n/advice|app/(dose-third|start-\\w+)'),
  },
]
