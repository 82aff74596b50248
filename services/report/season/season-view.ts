/**
 * The report as the API returns it: members without their fields (except one selected member), long lists truncated.
 */
import type { LoadedReport } from './read-report.ts'
import type { Strip } from '../yields/yield-strips.ts'
import { displayId, memberId, type FieldLine, type MemberLine } from './lines.ts'

const MAX_MEMBERS = 2_000
const MAX_STRIPS = 8
const MAX_DOTS = 1_000 // per strip: more would merge into one bar
const MAX_NAMED_FIELDS = 5

/** `farmId`: the member whose fields are included; null: none. */
export function seasonView(
  { options: offered, unshared, unlisted, report }: LoadedReport,
  farmId: string | null,
) {
  const { basis, members } = report
  const selected = members.find((member) => memberId(member) === farmId)
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
    unlisted,
    membersToReview: report.membersToReview,
    mean: report.mean,
    tooFew: report.tooFew,
    coverage: report.coverage,
    members: members.slice(0, MAX_MEMBERS).map(memberView),
    correlations: report.correlations,
    strips: report.strips.slice(0, MAX_STRIPS).map(stripView),
    member: selected
      ? {
          farmId: memberId(selected),
          isOwn: selected.isOwn,
          name: selected.name,
          fields: selected.fields.map(fieldView),
        }
      : null,
  }
}

function memberView(member: MemberLine) {
  const { org: _o, isNamed: _n, fields, missing, ...line } = member
  return {
    ...line,
    withheld: [...line.withheld],
    farmId: memberId(member),
    fields: fields.length,
    missing: missing.map((entry) => ({
      key: entry.key,
      fields: entry.fields.slice(0, MAX_NAMED_FIELDS),
      more: Math.max(0, entry.fields.length - MAX_NAMED_FIELDS),
    })),
  }
}

function fieldView(field: FieldLine) {
  const { seasonId: _s, isOwn: _o, isNamed: _n, withheld: _w, harvestedM2: _h, lowKg: _l, ...line } = field
  return { ...line, fieldId: displayId(field) }
}

/** Thins the dots evenly and keeps both ends. */
function stripView({ dots, ...strip }: Strip) {
  const step = Math.max(1, Math.ceil(dots.length / MAX_DOTS))
  const thinned = dots.filter((_, index) => index % step === 0 || index === dots.length - 1)
  return { ...strip, fields: dots.length, dots: thinned }
}
