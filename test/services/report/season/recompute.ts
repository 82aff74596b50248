/**
 * A season of a co-operative recomputed from its rows: what each cell of the workbook (in kg/10a) and of the CSV must
 * contain. Written apart from services/report; shares only the rows.
 */
import { createHash } from 'node:crypto'
import { readVersion } from '../../../../services/config/version.ts'
import type { State } from '../../../../services/ports.ts'
import { readSprayRecord, readTreatmentPlan } from '../../../../services/tables.ts'

type Value = number | string | null
/** A text, a number, '' for an empty cell; null: the reader gives no value. */
export interface ExpectedRow {
  key: string[] // heads that identify the row
  cells: Record<string, Value>
}
type SheetName = 'Summary' | 'Fields' | 'Loads' | 'Water' | 'Sprays' | 'Data quality' | 'SPRING water'
export type Expected = Record<SheetName, ExpectedRow[]> & {
  csv: ExpectedRow[]
  totals: Partial<Record<SheetName, Record<string, number | string>>>
}

type Part = 'yield' | 'water' | 'sprays'
/** A cell with what it depends on: unknown or withheld when null. */
type Cell = { value: Value; parts?: Part[] }
type Cells = Record<string, Value | Cell>

const YEAR = 2026
const DAY_MS = 86_400_000
const TOKYO_MS = 9 * 3_600_000
const dayAt = (atMs: number): string => new Date(atMs + TOKYO_MS).toISOString().slice(0, 10)
const timeAt = (atMs: number): string => new Date(atMs + TOKYO_MS).toISOString().slice(0, 16)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const known = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((value): value is number => value !== null && value !== undefined)
const maxOf = (values: readonly (number | null)[]): number | null =>
  known(values).length === 0 ? null : Math.max(...known(values))
/** As a spreadsheet cell holds it: a formula is disarmed. */
const safe = (text: string): string => (/^\s*[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text)

type Rows = Awaited<ReturnType<typeof readRows>>
async function readRows(state: State, coop: string) {
  return {
    coop,
    farm: await state.selectFrom('farm').selectAll().execute(),
    field: await state.selectFrom('field').selectAll().execute(),
    season: await state.selectFrom('season').selectAll().execute(),
    harvestLoad: await state.selectFrom('harvestLoad').selectAll().execute(),
    irrigation: await state.selectFrom('irrigation').selectAll().execute(),
    fieldDay: await state.selectFrom('fieldDay').selectAll().execute(),
    diseaseDay: await state.selectFrom('diseaseDay').selectAll().execute(),
    treatment: await state.selectFrom('treatment').selectAll().execute(),
    consent: await state.selectFrom('consent').selectAll().execute(),
    membership: await state.selectFrom('membership').selectAll().execute(),
  }
}

interface Member {
  org: string
  name: string
  code: string
  isNamed: boolean
  hidden: Part[]
  fields: Field[]
}
interface Field {
  member: Member
  name: string
  variety: string
  planted: string
  harvested: string | null
  areaM2: number
  harvestedM2: number
  hull: number
  kg: number | null
  lowKg: number | null
  loads: Rows['harvestLoad'] // all, as listed
  validLoads: number
  from: 'weighed loads' | 'entered' | ''
  entered: string
  sieveMm: number | null
  before: number | null // kg/ha of the year before
  runs: { litres: number | null; source: string; isConfirmed: boolean }[] | null
  days: Rows['fieldDay']
  high: number | null
  unjudged: number
  sprays: Rows['treatment']
  unrecorded: number
  lacking: Record<'moisture' | 'foreign', number>
}

/** Everything that the workbook and the CSV must contain at an instant. */
export async function recompute(state: State, coop: string, nowMs: number): Promise<Expected> {
  const rows = await readRows(state, coop)
  const members = readMembers(rows, nowMs)
  const fields = members.flatMap((member) => member.fields)
  return {
    Summary: members.map((member) => summaryRow(member, outliersOf(member, members))),
    Fields: fields.map(fieldRow),
    Loads: fields.flatMap(loadRows),
    Water: fields.map(waterRow),
    Sprays: fields.flatMap(sprayRows),
    'Data quality': fields.map(qualityRow),
    'SPRING water': springRows(members, rows, nowMs),
    csv: fields.map(csvRow),
    totals: totalsOf(members, fields),
  }
}

function readMembers(rows: Rows, nowMs: number): Member[] {
  const members: Member[] = []
  for (const membership of rows.membership.filter(({ coop }) => coop === rows.coop)) {
    const consent = rows.consent
      .filter(({ membershipId, atMs }) => membershipId === membership.id && atMs <= nowMs)
      .sort((a, b) => a.atMs - b.atMs)
      .at(-1)
    const hidden = (
      [
        ['yield', consent?.seesYield],
        ['water', consent?.seesWater],
        ['sprays', consent?.seesSprays],
      ] as const
    ).flatMap(([part, sees]) => (sees === 1 ? [] : [part]))
    if (hidden.length === 3) continue
    const isNamed = consent?.isNamed === 1
    const farm = rows.farm.find(({ org }) => org === membership.org)!
    const digest = createHash('sha256').update(`${membership.id} ${membership.alias} ${YEAR}`).digest('hex')
    const alias = `M-${digest.slice(0, 6).toUpperCase()}`
    const member: Member = {
      org: membership.org,
      name: isNamed ? farm.name : alias,
      code: isNamed ? (membership.memberCode ?? '') : '',
      isNamed,
      hidden,
      fields: [],
    }
    const ownFields = rows.field
      .filter(({ org }) => org === membership.org)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
    member.fields = ownFields.map((field, at) => readField(rows, member, field, `${alias}-${at + 1}`))
    members.push(member)
  }
  // fewer than five without a name would have one; a variety of fewer than five of them is left out
  const nameless = members.filter(({ isNamed }) => !isNamed)
  const listed = nameless.length < 5 ? members.filter(({ isNamed }) => isNamed) : members
  for (const member of nameless)
    for (const field of member.fields) {
      const growers = nameless.filter(({ fields }) => fields.some(({ variety }) => variety === field.variety))
      if (growers.length < 5) field.variety = ''
    }
  return listed
}

function readField(rows: Rows, member: Member, row: Rows['field'][number], numbered: string): Field {
  const season = rows.season.find(({ fieldId, year }) => fieldId === row.id && year === YEAR)!
  const harvest = harvestOf(rows, season, row.areaM2)
  const last = rows.season.find(({ fieldId, year }) => fieldId === row.id && year === YEAR - 1)
  const then = last ? harvestOf(rows, last, row.areaM2) : null
  const isWithin = (day: string) => day >= season.plantedDay && day <= season.harvestedDay!
  const ofField = rows.irrigation.filter(
    ({ fieldId, voidedAtMs }) => fieldId === row.id && voidedAtMs === null,
  )
  const areaM2 = member.isNamed ? row.areaM2 : 1_000 * Math.max(1, Math.round(row.areaM2 / 1_000))
  const scale = areaM2 / row.areaM2
  const judged = rows.diseaseDay.filter(({ fieldId, day }) => fieldId === row.id && isWithin(day))
  const judgedDays = new Set(judged.filter(({ level }) => level !== 'unknown').map(({ day }) => day))
  const highDays = new Set(judged.filter(({ level }) => level === 'high').map(({ day }) => day))
  const sprays = rows.treatment.filter(
    ({ seasonId, state }) => seasonId === season.id && (state === 'done' || state === 'recorded'),
  )
  const startOf = (day: string) =>
    member.isNamed ? day : day.slice(0, 8) + (day.slice(8) < '11' ? '01' : day.slice(8) < '21' ? '11' : '21')
  return {
    member,
    name: member.isNamed ? row.name : numbered,
    variety: season.variety ?? '',
    planted: startOf(season.plantedDay),
    harvested: season.harvestedDay === null ? null : startOf(season.harvestedDay),
    areaM2,
    harvestedM2: harvest.areaM2 * scale,
    hull: season.hullShare ?? 0.8,
    kg: harvest.kg === null ? null : harvest.kg * scale,
    lowKg: harvest.lowKg === null ? null : harvest.lowKg * scale,
    loads: rows.harvestLoad.filter(({ seasonId }) => seasonId === season.id),
    validLoads: harvest.loads,
    from: harvest.from,
    entered: harvest.from === 'entered' ? `${season.yieldKg} kg, ${season.yieldBasis}` : '',
    sieveMm: harvest.sieveMm,
    before: then === null || then.kg === null ? null : (10_000 * then.kg) / then.areaM2,
    runs:
      ofField.length === 0
        ? null
        : ofField
            .filter((run) => isWithin(dayAt(run.openedAtMs ?? run.commandedAtMs)))
            .map((run) => ({
              litres: run.litres === null || run.volumeSource === 'unknown' ? null : run.litres * scale,
              source: run.volumeSource,
              isConfirmed: run.confirmedAtMs != null,
            })),
    days: rows.fieldDay.filter(({ fieldId, day }) => fieldId === row.id && isWithin(day)),
    high: judgedDays.size === 0 ? null : highDays.size,
    unjudged: new Set(judged.map(({ day }) => day)).size - judgedDays.size,
    sprays,
    unrecorded: sprays.filter(({ state }) => state === 'done').length,
    lacking: harvest.lacking,
  }
}

/** Brown rice at 15 % moisture; rough rice dried to 14.5 % and hulled. */
function standardKg(load: Rows['harvestLoad'][number], hullShare: number): number | null {
  if (load.foreignPct === null || load.moisturePct === null) return null
  const dryKg = load.grossKg * (1 - load.foreignPct / 100) * (1 - load.moisturePct / 100)
  return load.form === 'rough-rice' ? (dryKg * hullShare) / 0.85 : dryKg / 0.85
}

function harvestOf(rows: Rows, season: Rows['season'][number], fieldM2: number) {
  const areaM2 = season.harvestedM2 ?? season.fieldM2 ?? fieldM2
  const hull = season.hullShare ?? 0.8
  const valid = rows.harvestLoad.filter(
    ({ seasonId, voidedAtMs }) => seasonId === season.id && voidedAtMs === null,
  )
  const lacking = {
    foreign: valid.filter(({ foreignPct }) => foreignPct === null).length,
    moisture: valid.filter(({ foreignPct, moisturePct }) => foreignPct !== null && moisturePct === null)
      .length,
  }
  const total = (loads: typeof valid) => {
    const kg = loads.map((load) => standardKg(load, hull))
    return kg.includes(null) ? null : sum(kg as number[])
  }
  const base = { areaM2, loads: valid.length, lacking }
  if (valid.length > 0) {
    const usable = valid.filter(({ grade }) => grade !== 'low')
    const sieves = new Set(usable.map(({ sieveMm }) => sieveMm))
    return {
      ...base,
      from: 'weighed loads' as const,
      kg: total(usable),
      lowKg: total(valid.filter(({ grade }) => grade === 'low')),
      sieveMm: sieves.size === 1 ? [...sieves][0]! : null,
    }
  }
  const from = season.yieldKg === null ? ('' as const) : ('entered' as const)
  return { ...base, from, kg: season.yieldKg, lowKg: null, sieveMm: null }
}

const perHa = (amount: number | null, areaM2: number): number | null =>
  amount === null ? null : (10_000 * amount) / areaM2
const m3Of = ({ runs }: Field): number | null => {
  if (runs === null) return null
  const litres = known(runs.map((run) => run.litres))
  return litres.length === 0 && runs.length > 0 ? null : sum(litres) / 1_000
}
const meteredM3 = ({ runs }: Field): number =>
  sum(known((runs ?? []).filter(({ source }) => source === 'metered').map(({ litres }) => litres))) / 1_000
const unknownRuns = ({ runs }: Field): number | null =>
  runs === null ? null : runs.filter(({ litres }) => litres === null).length
const kgHaOf = ({ kg, harvestedM2 }: Field): number | null => perHa(kg, harvestedM2)
const missingOf = (field: Field): string[] => [
  ...(field.from === '' && !field.member.hidden.includes('yield') ? ['yield'] : []),
  ...(field.from !== '' && field.kg === null && !field.member.hidden.includes('yield')
    ? ['yield basis']
    : []),
  ...(!field.member.hidden.includes('water') && (unknownRuns(field) ?? 0) > 0 ? ['run volume'] : []),
  ...(!field.member.hidden.includes('water') && etMissing(field) > 10 ? ['weather'] : []),
  ...(!field.member.hidden.includes('sprays') && field.unrecorded > 0 ? ['spray record'] : []),
]
const etMissing = ({ days }: Field): number => days.filter(({ etaMm }) => etaMm == null).length
const rainMissing = ({ days }: Field): number => days.filter(({ rainMm }) => rainMm == null).length
const total = (values: readonly (number | null | undefined)[]): number | null =>
  known(values).length === 0 ? null : sum(known(values))

const of = (parts: Part | Part[], value: Value): Cell => ({ value, parts: [parts].flat() })
/** Withheld and unknown cells are empty, and the last two columns name them. */
function asRow(key: string[], { hidden }: Member, cells: Cells): ExpectedRow {
  const result: Record<string, Value> = {}
  const [unknown, withheld]: [string[], string[]] = [[], []]
  for (const [head, entry] of Object.entries(cells)) {
    const { value, parts = [] } = typeof entry === 'object' && entry !== null ? entry : { value: entry }
    const isHidden = parts.some((part) => hidden.includes(part))
    result[head] = isHidden ? null : typeof value === 'string' ? safe(value) : value
    if (isHidden) withheld.push(head)
    else if (value === null) unknown.push(head)
  }
  return { key, cells: { ...result, Unknown: unknown.join('; '), 'Not shared': withheld.join('; ') } }
}
const identity = ({ member, name }: Field): Cells => ({
  'Member code': member.code,
  Member: member.name,
  Field: name,
})
const KEY = ['Member', 'Field']

function yieldCells(fields: readonly Field[], hidden: Part[]): Cells {
  const withKg = fields.filter(({ kg }) => kg !== null)
  const both = withKg.filter(({ before }) => before !== null)
  const mean = (some: readonly Field[], of: (field: Field) => number) =>
    some.length === 0
      ? null
      : sum(some.map((field) => of(field) * field.harvestedM2)) / sum(some.map((field) => field.harvestedM2))
  const kgHa = mean(withKg, (field) => kgHaOf(field)!)
  const usual = mean(
    kgHa === null ? fields.filter(({ before }) => before !== null) : both,
    ({ before }) => before!,
  )
  const compared = mean(both, (field) => kgHaOf(field)!)
  const isHidden = hidden.includes('yield')
  return {
    'Yield (kg/10a)': of('yield', kgHa === null ? null : kgHa / 10),
    '(hyo of 60 kg/10a)': of('yield', kgHa === null ? null : kgHa / 600),
    'Mean of 5 years (kg/10a)': of('yield', usual === null ? null : usual / 10),
    'Change (%)': of('yield', compared === null || usual === null ? null : 100 * (compared / usual - 1)),
    'Fields compared': of('yield', both.length),
    'Yield of these fields (kg/10a)': of(
      'yield',
      compared === null && !isHidden ? '' : compared && compared / 10,
    ),
  }
}
function waterCells(fields: readonly Field[]): Cells {
  const withWater = fields.filter((field) => m3Of(field) !== null)
  const m3 = sum(withWater.map((field) => m3Of(field)!))
  const perArea = withWater.length === 0 ? null : (10_000 * m3) / sum(withWater.map(({ areaM2 }) => areaM2))
  const share = m3 > 0 ? (100 * sum(withWater.map(meteredM3))) / m3 : null
  return {
    'Water (m3/10a)': of('water', perArea === null ? null : perArea / 10),
    'Metered share (%)': of('water', perArea === 0 ? '' : share),
    'Disease days, high': of('sprays', maxOf(fields.map(({ high }) => high))),
    Sprays: of('sprays', maxOf(fields.map(({ sprays }) => sprays.length))),
  }
}

/** Modified z-scores above 3.5 (Iglewicz & Hoaglin 1993), from eight members on. */
function outliersOf(member: Member, members: readonly Member[]): string {
  const valueOf = ({ fields, hidden }: Member, part: 'yield' | 'water'): number | null => {
    if (hidden.includes(part)) return null
    const withValue = fields.filter((field) => (part === 'yield' ? field.kg : m3Of(field)) !== null)
    const area = sum(withValue.map((field) => (part === 'yield' ? field.harvestedM2 : field.areaM2)))
    return area === 0
      ? null
      : sum(withValue.map((field) => (part === 'yield' ? field.kg! : m3Of(field)!))) / area
  }
  return (['yield', 'water'] as const)
    .flatMap((part) => {
      const values = known(members.map((one) => valueOf(one, part)))
      const value = valueOf(member, part)
      const middle = medianOf(values)
      const spread = medianOf(values.map((one) => Math.abs(one - middle)))
      if (value === null || values.length < 8 || spread === 0) return []
      const z = (0.6745 * (value - middle)) / spread
      return Math.abs(z) > 3.5 ? [`${part} far ${z < 0 ? 'below' : 'above'} the median`] : []
    })
    .join('; ')
}
function medianOf(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b)
  const half = Math.floor(ascending.length / 2)
  return ascending.length % 2 === 1 ? ascending[half]! : (ascending[half - 1]! + ascending[half]!) / 2
}

function summaryRow(member: Member, outliers: string): ExpectedRow {
  const { fields, hidden } = member
  const keys = ['yield', 'yield basis', 'run volume', 'weather', 'spray record']
  const missing = keys.flatMap((key) => {
    const lacking = fields.filter((field) => missingOf(field).includes(key))
    return lacking.length === 0 ? [] : [`${key}: ${lacking.map(({ name }) => name).join(', ')}`]
  })
  return asRow(['Member'], member, {
    'Member code': member.code,
    Member: member.name,
    Fields: fields.length,
    'Area (a)': sum(fields.map(({ areaM2 }) => areaM2)) / 100,
    ...yieldCells(fields, hidden),
    'Fields with a yield': of('yield', fields.filter(({ kg }) => kg !== null).length),
    'Fields with weighed loads': of('yield', fields.filter(({ validLoads }) => validLoads > 0).length),
    ...waterCells(fields),
    Missing: missing.join('; '),
    Outliers: outliers,
  })
}

function fieldRow(field: Field): ExpectedRow {
  const {
    'Fields compared': _n,
    'Yield of these fields (kg/10a)': _y,
    ...yields
  } = yieldCells([field], field.member.hidden)
  // alone, the years before are known without a yield of this year
  const usual = field.before === null ? null : field.before / 10
  return asRow(KEY, field.member, {
    ...identity(field),
    Variety: field.variety,
    Planted: `${field.planted}T00:00`,
    Harvested: of('yield', field.harvested === null ? '' : `${field.harvested}T00:00`),
    'Area (a)': field.areaM2 / 100,
    'Harvested area (a)': of('yield', field.harvestedM2 / 100),
    'Yield (kg)': of('yield', field.kg),
    ...yields,
    'Mean of 5 years (kg/10a)': of('yield', usual),
    'Forecast (kg/10a)': of('yield', ''),
    'Forecast, 90 % from': of('yield', ''),
    'Forecast, 90 % to': of('yield', ''),
    'Yield source': of('yield', field.from),
    'As entered': of(
      'yield',
      field.member.isNamed
        ? field.entered
        : field.from === 'entered'
          ? `${field.kg} kg, brown rice, 15 % moisture`
          : '',
    ),
    Loads: of('yield', field.validLoads),
    'Low grade (kg)': of('yield', field.validLoads === 0 ? '' : field.lowKg),
    ...waterCells([field]),
    Missing: missingOf(field).join('; '),
  })
}

function loadRows(field: Field): ExpectedRow[] {
  if (!field.member.isNamed || field.member.hidden.includes('yield')) return []
  return field.loads.map((load) =>
    asRow([...KEY, 'Day', 'Weighed (kg)', 'Void reason'], field.member, {
      ...identity(field),
      Day: `${load.day}T00:00`,
      Ticket: load.ticket ?? '',
      Form: load.form === 'rough-rice' ? 'rough rice' : 'brown rice',
      'Weighed (kg)': load.grossKg,
      'Moisture (%)': load.moisturePct,
      'Foreign matter (%)': load.foreignPct,
      Grade: load.grade ?? '',
      'Sieve (mm)': load.sieveMm ?? '',
      Destination: load.destination ?? '',
      'Moisture meter': load.meter ?? '',
      'Meter calibrated': load.meterDay === null ? '' : `${load.meterDay}T00:00`,
      'On the basis (kg)': load.voidedAtMs === null ? standardKg(load, field.hull) : '',
      Entered: timeAt(load.enteredAtMs),
      'Void reason': load.voidReason ?? '',
    }),
  )
}

function sprayRows(field: Field): ExpectedRow[] {
  if (!field.member.isNamed || field.member.hidden.includes('sprays')) return []
  const targets: Record<string, string> = {
    'rice-leaf-blast': 'Rice leaf blast',
    'rice-stink-bug': 'Rice stink bug',
  }
  return field.sprays.map((spray) => {
    const { product, dose, operator } = readTreatmentPlan(spray.plan)
    const record = spray.record === null ? null : readSprayRecord(spray.record)
    return asRow([...KEY, 'Started'], field.member, {
      ...identity(field),
      Target: targets[spray.target]!,
      Product: product.name,
      Registration: product.registrationNumber,
      Ingredients: product.ingredients.map(({ name }) => name).join(', '),
      Amount: dose.amount,
      Unit: dose.unit,
      'Dilution (times)': dose.dilution ?? '',
      'Spray (L/10a)': dose.volumeL10a ?? '',
      'Area (a)': dose.areaM2 / 100,
      Started: timeAt(spray.fromMs),
      Ended: timeAt(spray.toMs),
      Operator: operator,
      Equipment: record?.equipment ?? '',
      'Earliest harvest': record?.earliestHarvestDay == null ? null : `${record.earliestHarvestDay}T00:00`,
      Record: spray.state === 'recorded' ? 'confirmed' : 'not confirmed',
    })
  })
}

const rainOf = ({ days }: Field): number | null => total(days.map(({ rainMm }) => rainMm))
const etOf = ({ days }: Field): number | null => total(days.map(({ etaMm }) => etaMm))
const mmOf = (field: Field): number | null => {
  const m3 = m3Of(field)
  return m3 === null ? null : (1_000 * m3) / field.areaM2
}
const shareOf = (field: Field): Value => {
  const m3 = m3Of(field)
  return m3 === 0 ? '' : m3 === null ? null : (100 * meteredM3(field)) / m3
}
const stressOf = ({ days }: Field): number | null =>
  days.some(({ ks }) => ks != null) ? days.filter(({ ks }) => ks != null && ks < 1).length : null

function waterRow(field: Field): ExpectedRow {
  const kgPerM3 = (mm: number | null): Cell =>
    of(
      ['yield', 'water'],
      mm === 0 ? '' : mm === null || field.kg === null ? null : field.kg / ((mm * field.areaM2) / 1_000),
    )
  const [mm, rain] = [mmOf(field), rainOf(field)]
  return asRow(KEY, field.member, {
    ...identity(field),
    'Irrigation (m3)': of('water', m3Of(field)),
    'Irrigation (mm)': of('water', mm),
    'Metered share (%)': of('water', shareOf(field)),
    Runs: of('water', field.runs?.length ?? null),
    'Runs without a known volume': of('water', unknownRuns(field)),
    'Rain (mm)': of('water', rain),
    'Crop ET (mm)': of('water', etOf(field)),
    'Stress days': of('water', stressOf(field)),
    'Yield mass / crop ET (kg/m3)': kgPerM3(etOf(field)),
    'Yield mass / irrigation (kg/m3)': kgPerM3(mm),
    'Yield mass / (irrigation + rain) (kg/m3)': kgPerM3(mm === null || rain === null ? null : mm + rain),
  })
}

function qualityRow(field: Field): ExpectedRow {
  return asRow(KEY, field.member, {
    ...identity(field),
    'Days on record': of('water', field.days.length),
    'Days without rain data': of('water', rainMissing(field)),
    'Days without ET': of('water', etMissing(field)),
    'Days without a disease assessment': of('sprays', field.unjudged),
    'Runs without a known volume': of('water', unknownRuns(field)),
    'Runs without a confirmed record': of(
      'water',
      field.runs?.filter(({ isConfirmed }) => !isConfirmed).length ?? null,
    ),
    'Loads without moisture': of('yield', field.lacking.moisture),
    'Loads without foreign matter': of('yield', field.lacking.foreign),
    'Loads of another form': of('yield', 0),
    'Entered yield without a basis': of('yield', 0),
    'Sprays without a confirmed record': of('sprays', field.unrecorded),
  })
}

/** Water from 1 November to 31 October, a line for each member and one for the group. */
function springRows(members: readonly Member[], rows: Rows, nowMs: number): ExpectedRow[] {
  const through = dayAt(nowMs - DAY_MS)
  const from = dayAt(nowMs - 365 * DAY_MS)
  const sharing = members.filter(({ hidden }) => !hidden.includes('water'))
  const nameless = sharing.filter(({ isNamed }) => !isNamed)
  const listed = nameless.length < 5 ? sharing.filter(({ isNamed }) => isNamed) : sharing
  const line = (
    fields: { field: Field; litres: { litres: number | null; isMetered: boolean }[]; isKnown: boolean }[],
  ): Cells => {
    const runs = fields.flatMap(({ litres }) => litres)
    const volumes = runs.filter(({ litres }) => litres !== null)
    const withWater = fields.filter(
      ({ litres, isKnown }) => isKnown && !(litres.length > 0 && litres.every((run) => run.litres === null)),
    )
    const litres = sum(volumes.map((run) => run.litres!))
    const m3 = withWater.length === 0 ? null : litres / 1_000
    const knownM2 = sum(withWater.map(({ field }) => field.areaM2))
    const share =
      litres > 0 ? sum(volumes.filter(({ isMetered }) => isMetered).map((run) => run.litres!)) / litres : null
    return {
      Product: 'rice',
      Fields: fields.length,
      'Area (ha)': sum(fields.map(({ field }) => field.areaM2)) / 10_000,
      'Area with known water (ha)': knownM2 / 10_000,
      'Water (m3)': m3,
      'Water (m3/ha)': m3 === null || knownM2 === 0 ? null : (10_000 * m3) / knownM2,
      'Metered share (%)': m3 === 0 ? '' : share === null ? null : 100 * share,
      'Calculated or reported share (%)': m3 === 0 ? '' : share === null ? null : 100 * (1 - share),
      Runs: runs.length,
      'Runs without a known volume': runs.length - volumes.length,
    }
  }
  const withRuns = (member: Member) => {
    const ids = rows.field.filter(({ org }) => org === member.org).sort((a, b) => (a.id < b.id ? -1 : 1))
    return member.fields.map((field, at) => {
      const { id, areaM2 } = ids[at]!
      const runs = rows.irrigation.filter(({ fieldId, voidedAtMs }) => fieldId === id && voidedAtMs === null)
      return {
        field,
        isKnown: runs.length > 0,
        litres: runs
          .filter((run) => {
            const day = dayAt(run.openedAtMs ?? run.commandedAtMs)
            return day >= from && day <= through
          })
          .map((run) => ({
            litres:
              run.litres === null || run.volumeSource === 'unknown'
                ? null
                : (run.litres * field.areaM2) / areaM2,
            isMetered: run.volumeSource === 'metered',
          })),
      }
    })
  }
  const everybody: Member = {
    org: '',
    name: 'Producer group',
    code: '',
    isNamed: true,
    hidden: [],
    fields: [],
  }
  return [
    ...listed.map((member) =>
      asRow(
        ['Member'],
        { ...member, hidden: [] },
        { 'Member code': member.code, Member: member.name, ...line(withRuns(member)) },
      ),
    ),
    asRow(['Member'], everybody, {
      'Member code': '',
      Member: everybody.name,
      ...line(listed.flatMap(withRuns)),
    }),
  ]
}

function csvRow(field: Field): ExpectedRow {
  const { hidden } = field.member
  const cell = (parts: Part | Part[], value: Value): Value =>
    [parts].flat().some((part) => hidden.includes(part)) ? 'withheld' : value === null ? 'missing' : value
  const etDays = field.days.length - etMissing(field)
  // the FAO gives no Ky for rice
  const fromWater = null
  const heat = etDays > 0 ? maxOf(field.days.map(({ heatSumCd }) => heatSumCd)) : null
  const basis = [
    'brown rice, 15 % moisture',
    ...(field.sieveMm === null ? [] : [`${field.sieveMm} mm sieve`]),
  ].join(', ')
  return {
    key: KEY,
    cells: {
      'Member code': field.member.code,
      Member: safe(field.member.name),
      Field: safe(field.name),
      Crop: 'rice',
      Variety: field.variety,
      Planted: field.planted,
      Harvested: cell('yield', field.harvested ?? ''),
      'Area (ha)': field.areaM2 / 10_000,
      'Area (a)': field.areaM2 / 100,
      'Irrigation (m3)': cell('water', m3Of(field)),
      'Irrigation (mm)': cell('water', mmOf(field)),
      'Metered share of irrigation (%)': cell('water', shareOf(field)),
      Runs: cell('water', field.runs?.length ?? null),
      'Runs without a known volume': cell('water', unknownRuns(field)),
      'Rain (mm)': cell('water', rainOf(field)),
      'Days without rain data': cell('water', rainMissing(field)),
      'Crop ET (mm)': cell('water', etOf(field)),
      'Days without ET': cell('water', etMissing(field)),
      'Yield from water (% of potential, FAO Ky)': cell(['water', 'yield'], fromWater),
      'Stress days': cell('water', stressOf(field)),
      'Heat sum (degree days)': cell('water', heat),
      'Days on record': cell('water', field.days.length),
      'Yield (kg)': cell('yield', field.kg),
      'Yield basis': cell('yield', field.from === '' ? '' : basis),
      'Harvested area (a)': cell('yield', field.harvestedM2 / 100),
      Loads: cell('yield', field.validLoads),
      'Low grade (kg)': cell('yield', field.from === 'weighed loads' ? field.lowKg : ''),
      'Created at': '2026-11-01 09:30 (Asia/Tokyo)',
      'Created by': `Tilth ${readVersion()}`,
      Rules: 2,
    },
  }
}

function totalsOf(members: readonly Member[], fields: readonly Field[]): Expected['totals'] {
  const open = (part: Part) => fields.filter(({ member }) => !member.hidden.includes(part))
  return {
    Summary: {
      'Member code': 'All',
      Member: `${members.length} members`,
      Fields: fields.length,
      'Area (a)': sum(fields.map(({ areaM2 }) => areaM2)) / 100,
    },
    Fields: {
      'Member code': 'Total of the known values',
      'Area (a)': sum(fields.map(({ areaM2 }) => areaM2)) / 100,
      Loads: sum(open('yield').map(({ validLoads }) => validLoads)),
    },
    Water: { Runs: sum(known(open('water').map(({ runs }) => runs?.length))) },
  }
}
