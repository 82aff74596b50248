/** The report as the API tells it: members without their fields, but those of one, and long lists cut. */
import type { LoadedReport } from './read-report.ts'
import { displayId, type FieldLine, type MemberLine } from './season-report.ts'
import type { Strip } from '../yields/yield-strips.ts'

const MAX_MEMBERS = 2_000
const MAX_STRIPS = 8
const MAX_DOTS = 1_000 // a strip: beyond it they would be one bar
const MAX_NAMED_FIELDS = 5

/** `farmId`: the member whose fields are told; null: of none. */
export function seasonView({ options: offered, unshared, report }: LoadedReport, farmId: string | null) {
  const { basis, members } = report
  const asked = members.find((member) => memberId(member) === farmId)
  return {
    year: report.year,
    years: offered.years,
    crops: offered.crops,
    crop: report.crop === '' ? null : report.crop,
    basis: basis && { form: basis.form, moisturePct: basis.moisturePct, source: basis.source.en },
    sievesMm: report.sievesMm,
    fields: report.fields,
    areaM2: report.areaM2,
    memberCount: members.length,
    unshared,
    needLook: report.needLook,
    mean: report.mean,
    tooFew: report.tooFew,
    coverage: report.coverage,
    members: members.slice(0, MAX_MEMBERS).map(memberView),
    explained: report.explained,
    strips: report.strips.slice(0, MAX_STRIPS).map(stripView),
    member: asked
      ? { farmId: memberId(asked), isOwn: asked.isOwn, name: asked.name, fields: asked.fields.map(fieldView) }
      : null,
  }
}

/** By which a member is asked for: whoever gives no name is told apart by the alias alone. */
export const memberId = ({ isNamed, farmId, name }: MemberLine): string => (isNamed ? farmId : name)

function memberView(member: MemberLine) {
  const { org: _o, isNamed: _n, fields, missing, ...line } = member
  return {
    ...line,
    withheld: [...line.withheld],
    farmId: memberId(member),
    fields: fields.length,
    missing: missing.map((one) => ({
      key: one.key,
      fields: one.fields.slice(0, MAX_NAMED_FIELDS),
      more: Math.max(0, one.fields.length - MAX_NAMED_FIELDS),
    })),
  }
}

function fieldView(field: FieldLine) {
  const { seasonId: _s, isOwn: _o, isNamed: _n, withheld: _w, harvestedM2: _h, lowKg: _l, ...line } = field
  return { ...line, fieldId: displayId(field) }
}

/** Of too many dots evenly many are left, and the ends. */
function stripView({ dots, ...strip }: Strip) {
  const step = Math.max(1, Math.ceil(dots.length / MAX_DOTS))
  const kept = dots.filter((_, at) => at % step === 0 || at === dots.length - 1)
  return { ...strip, fields: dots.length, dots: kept }
}
