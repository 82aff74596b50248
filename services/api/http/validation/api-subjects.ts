/** The subjects of the API, in the order of its documentation, and the noun of the rows behind an id. */

/** The first pattern that matches a path gives its subject. */
const subjects: readonly (readonly [subject: string, path: RegExp, description: string])[] = [
  ['Today', /^\/api\/(today|events|tasks)\b/, 'The first screen, change events, and tasks for people.'],
  [
    'Plan',
    /^\/api\/(plan|decisions|runs|forecast-skill)\b/,
    'Planned runs, decisions and their explanation.',
  ],
  [
    'Valves',
    /^\/api\/(start|stop|requests|commands|zones\/:id\/(test|unlock)|devices\/:id\/clear-fault)\b/,
    'Starting and stopping irrigation, under interlocks.',
  ],
  [
    'Water',
    /^\/api\/(irrigations|fields\/:id\/(irrigations|strategy|fixed-schedule|paddy)|(farms|pumps)\/:id\/water-price)\b/,
    'Irrigation records, strategies, paddies and water prices.',
  ],
  [
    'Pests',
    /^\/api\/(pests|fields\/:id\/(pest-control|pest-economics|degree-day-trackers|scouting-counts|notes))\b/,
    'Pests, diseases and scouting.',
  ],
  ['Treatments', /^\/api\/(treatments|products)\b/, 'Plant protection products and treatments.'],
  [
    'Field work',
    /^\/api\/(field-work|photos|notes|fields\/:id\/(work|history))\b/,
    'Fertiliser, field work, and photos of records.',
  ],
  [
    'Harvest',
    /^\/api\/(loads|fields\/:id\/loads|seasons\/:id\/(harvest|yield|planned-harvest))\b/,
    'Loads, yields and planned harvests.',
  ],
  ['Reports', /^\/api\/(reports|fields\/:id\/drainage)/, 'The season report and its files.'],
  ['Models', /^\/api\/models\b/, 'Fitted models and their skill.'],
  [
    'Outputs',
    /^\/api\/(outputs|fields\/:id\/outputs)\b/,
    'Auxiliary outputs: bird scarers, sirens and fans.',
  ],
  ['Map', /^\/api\/(map|shapes|fields\/:id\/shape)\b/, 'Field shapes.'],
  ['Fields', /^\/api\/(fields|seasons)\b/, 'Fields and seasons.'],
  ['Farms', /^\/api\/(farms|zones|pumps)\b/, 'Farms, zones and pumps.'],
  ['Rejected messages', /^\/api\/dead-letters\b/, 'Messages that could not be stored.'],
  [
    'Devices of other makes',
    /^\/api\/(integrations|unassigned-devices|device-profiles|unread-messages|devices\/:id\/(profile|unassign|read-again|valves))\b/,
    'Networks of other makes, their devices, and the profiles that read them.',
  ],
  ['Devices', /^\/api\/(devices|claim-codes|claim|labels)\b/, 'Devices, their credentials and claim codes.'],
  ['Notifications', /^\/api\/notifications\b/, 'Preferences, push devices and the webhook.'],
  [
    'Co-operative',
    /^\/api\/(memberships|invitations|me\/(join|organisations))\b/,
    'Memberships, consents, advice and invitations.',
  ],
  ['Account', /^\/api\/(auth|me|session|setup|password-links|members)\b/, 'Sign-in, people and passwords.'],
  ['Data', /^\/api\/(audit|export)/, 'The audit, and the export of all data.'],
  ['Server', /./, 'Liveness, readiness, metrics, and the way to HTTPS.'],
]

/** `url`: the pattern of a route. The first matching subject; `Server` for a pattern without one. */
export const subjectOf = (url: string): string => subjects.find(([, path]) => path.test(url))![0]

export const subjectTags = subjects.map(([name, , description]) => ({ name, description }))

const nouns: Record<string, string> = {
  members: 'person',
  memberships: 'membership',
  invitations: 'invitation',
  devices: 'device',
  valves: 'valve',
  integrations: 'integration',
  fields: 'field',
  'dead-letters': 'rejected message',
  outputs: 'auxiliary output',
  farms: 'farm',
  seasons: 'season',
  zones: 'zone',
  pumps: 'pump',
  irrigations: 'irrigation record',
  runs: 'run',
  requests: 'request',
  commands: 'command',
  models: 'model',
  tasks: 'task',
  products: 'product',
  treatments: 'treatment',
  'field-work': 'field work',
  loads: 'harvest load',
  photos: 'photo',
  notes: 'note',
  reports: 'ordered report file',
  decisions: 'decision',
}

/** The description of a path parameter: `id` behind 'fields' is the id of a field. */
export function pathParameter(url: string, name: string): string | undefined {
  const before = url.split('/')[url.split('/').indexOf(`:${name}`) - 1]
  const noun = before === undefined ? undefined : nouns[before]
  return noun === undefined ? undefined : `id of the ${noun}`
}

/** Query parameters that mean the same in every operation. */
export const queryParameters: Readonly<Record<string, string>> = {
  actor: 'user id of the acting person, or the acting program',
  address: 'address of the device within its integration',
  afterId: 'only messages after this id',
  before: 'only lines before this number',
  crop: 'crop id; default the crop with the largest area',
  day: 'civil day in the time zone of the farm; default today',
  device: 'id of a device, as the subject or in the detail',
  encoding: 'character encoding; default utf-8',
  farmId: 'id of a farm or member: its rows only',
  fieldId: 'id of a field: its rows only',
  fromMs: 'from this instant on, UTC epoch ms',
  hidden: 'yes: the hidden ones only; default no',
  integrationId: 'id of the integration',
  kind: 'kind of the lines',
  lang: 'language of headings; default en',
  limit: 'maximum number of rows, 1 to 500',
  noted: 'a head recorded earlier, N-HASH',
  profile: 'name of a device profile',
  quantity: 'quantity of the series, such as soil.moisture',
  range: 'span before now; default since planting, at most a season',
  reason: 'only messages with this reason',
  scheme: 'audit scheme: EU 2023/564, US 7 CFR 110, or JGAP with GLOBALG.A.P.',
  size: 'size of the picture; default picture',
  step: 'interval of the columns; default the interval of the series, at most 300 points',
  toMs: 'before this instant, UTC epoch ms',
  unit: 'unit of yields; default kg/10a in Japanese, otherwise t/ha',
  year: 'year of the harvest, four digits; default the current year where it is optional',
}
