/** An entry of the audit record as text: the action, the person and the place; for an incident also the remedy. */
import type { AuditLine } from '../../../services/api/schemas.ts'
import type { Locale } from '../i18n/locale.ts'

export interface AuditLineText {
  what: string
  who: string
  /** the field, valve, device or person that the action affects */
  where: string | null
  /** of a command: its previous state */
  was: string | null
  todo: string | null
}

export function auditLineText(line: AuditLine, locale: Locale): AuditLineText {
  const { action, actorName, subjectName, kind } = line
  const detail = (line.detail ?? {}) as Record<string, unknown>
  const rule = detail['rule'] == null ? null : String(detail['rule'])
  const outcome = detail['outcome'] == null ? null : String(detail['outcome'])
  const state = action.startsWith('command-') ? action.slice('command-'.length) : null
  const todo = kind === 'incident' ? remedyText(action, rule, locale) : null
  return {
    what:
      rule !== null
        ? locale.message('audit.broken', ruleGroup(rule), { rule })
        : state !== null
          ? locale.t('audit.order', { state: stateWords(state, outcome, locale) })
          : (locale.messageOrNull('audit.action', action.replace(/^run-(approve|skip).*/, 'request.$1')) ??
            locale.messageOrNull('cause', action) ??
            composeTitle(action, locale)),
    who: actorName ?? actorText(line.actor, locale),
    where:
      [subjectName === actorName ? null : subjectName, detail['valve']]
        .filter((part) => part != null)
        .join(' ') || null,
    was:
      state === null || detail['from'] == null
        ? null
        : locale.t('audit.was', { state: stateWords(String(detail['from']), null, locale) }),
    todo: todo === null ? null : locale.t('audit.do', { todo }),
  }
}

/** 'season.planned-harvest' is 'Season: changed'; the raw record has the details. */
function composeTitle(action: string, locale: Locale): string {
  const [subjectKey = '', ...verbKey] = action.split('.')
  return locale.t('audit.title', {
    thing: locale.message('audit.subject', partOf[subjectKey] ?? subjectKey),
    verb: locale.message('audit.verb', verbOf(verbKey.join('.'))),
  })
}

/** Actions that are shown under a larger subject. */
const partOf: Record<string, string> = {
  gateway: 'integration',
  paddy: 'field',
  shapes: 'field',
  'degree-day-tracker': 'field',
  'field-work': 'task',
  harvest: 'season',
  person: 'member',
  members: 'member',
  password: 'member',
  invitation: 'member',
  membership: 'member',
  consent: 'member',
}

const verbs: [pattern: RegExp, verb: string][] = [
  [/refused/, 'refused'],
  [/preview|inspect|enter/, 'viewed'],
  [/replay|test/, 'retried'],
  [/^no-|delete|remove|retire|revoke|withdraw|discard|erase|end$|off$/, 'removed'],
  [/create|add|import|invite|claim|count|note|photo|place|join|yield|load/, 'added'],
  [/^not-done$/, 'not-done'],
  [/^(done|past)$/, 'done'],
  [/^plan$/, 'planned'],
  [/^void$/, 'voided'],
  [/^confirm$/, 'confirmed'],
  [/^record$/, 'recorded'],
]
const verbOf = (verbKey: string): string => verbs.find(([pattern]) => pattern.test(verbKey))?.[1] ?? 'changed'

/** The state of a command, with the same texts as on the other screens. */
function stateWords(state: string, outcome: string | null, locale: Locale): string {
  if (state === 'new' || state === 'sent') return locale.t('command.sent')
  if (state === 'running') return locale.t('command.confirmed')
  if (state === 'unknown' || state === 'fencing') return locale.t('command.unconfirmed')
  return locale.message('ended', outcome ?? state)
}

const actorText = (actor: string, locale: Locale): string =>
  locale.messageOrNull('audit.actor', actor.split(':')[0]) ?? locale.t('audit.actor.unknown')

const broken: [rules: RegExp, group: string][] = [
  [/^I6$/, 'dose'],
  [/^I(8|9|10)$/, 'order'],
  [/^I11$/, 'pump'],
  [/^I14$/, 'clock'],
]
const ruleGroup = (rule: string): string => broken.find(([rules]) => rules.test(rule))?.[1] ?? 'open'

function remedyText(action: string, rule: string | null, locale: Locale): string | null {
  const key =
    rule !== null
      ? ruleGroup(rule)
      : action.startsWith('device.')
        ? 'refused'
        : action === 'sign-in.refused'
          ? 'sign-in'
          : action
  return locale.messageOrNull('audit.next-step', key) ?? locale.messageOrNull('remedy', action)
}
