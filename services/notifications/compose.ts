/** One message about one or several alerts: a title, lines, and the screen with the details. Pure. */
import { readAlertParams, type AlertRow, type NotificationLanguage } from '../tables.ts'
import { knownCause } from './causes.ts'
import { dayText, numberText, whenText, textsFor, type Place } from './text.ts'
import type { NotificationTexts } from './text-types.ts'

/** An alert with the names of its device and field. */
export interface NamedAlert extends AlertRow {
  deviceName: string | null
  fieldName: string | null
}

export interface Message {
  title: string
  lines: string[]
  path: string // of the dashboard
  /** a newer message replaces an older one with the same tag */
  tag: string
}

// more lines do not help on a lock screen
const MOST_LINES = 6

/** Six alerts at most, then the number of the others. One alert leads to its own screen, several to Today. */
export function compose(
  alerts: readonly NamedAlert[],
  language: NotificationLanguage,
  place: Place,
): Message {
  const texts = textsFor(language)
  const [only] = alerts
  if (only && alerts.length === 1)
    return {
      title: alertTitle(only, texts),
      lines: [alertDetails(only, texts, place)],
      path: screenPath(only),
      tag: only.id,
    }
  const lines = alerts.map(
    (alert) => `${alertTitle(alert, texts)}${separator(alertDetails(alert, texts, place))}`,
  )
  const left = lines.length - MOST_LINES
  return {
    title: texts.several(alerts.length),
    lines: left > 0 ? [...lines.slice(0, MOST_LINES), texts.more(left)] : lines,
    path: '/',
    tag: 'several',
  }
}

/** The all-clear of alerts. */
export function composeOver(
  alerts: readonly NamedAlert[],
  language: NotificationLanguage,
  place: Place,
): Message {
  const message = compose(alerts, language, place)
  return { ...message, title: textsFor(language).over(message.title) }
}

/** The message of the button "send a test". */
export function composeTest(language: NotificationLanguage): Message {
  const { test } = textsFor(language)
  return { title: test.title, lines: [test.text], path: '/', tag: 'test' }
}

/** The same message with the organisation in its link, for people who belong to several. */
export function withOrg(message: Message, org: string): Message {
  const [path, sheet] = message.path.split('#')
  return {
    ...message,
    path: `${path}?org=${encodeURIComponent(org)}${sheet === undefined ? '' : `#${sheet}`}`,
  }
}

const separator = (details: string): string => (details === '' ? '' : ` · ${details}`)

function alertTitle({ cause }: NamedAlert, texts: NotificationTexts): string {
  const managedCause = knownCause(cause)
  return managedCause === null ? cause.replace(/[-_.]/g, ' ') : texts.causes[managedCause]
}

/** Place, amount and start time; unknown parts are left out. */
function alertDetails(alert: NamedAlert, texts: NotificationTexts, place: Place): string {
  const params = readAlertParams(alert.params)
  const text = (name: string) => (typeof params[name] === 'string' ? (params[name] as string) : null)
  const num = (name: string) => (typeof params[name] === 'number' ? (params[name] as number) : null)
  const when = num('atMs')
  const pest = text('pest')
  const [n, of, percent, tempC, rainMm, gustMps] = (
    ['n', 'of', 'percent', 'tempC', 'rainMm', 'gustMps'] as const
  ).map(num)
  const [fromDay, toDay] = [text('fromDay'), text('toDay')]
  const [fromMs, toMs] = [num('fromMs'), num('toMs')]
  const parts = [
    text('coop'),
    pest && (texts.pests[pest] ?? pest),
    alert.deviceName ?? alert.deviceId ?? text('farm'),
    text('valve'),
    alert.fieldName,
    n != null && of != null ? texts.devices(n, of) : null,
    percent != null ? texts.percent(percent) : null,
    tempC != null && when !== null
      ? texts.coldest(numberText(tempC, texts), whenText(when, texts, place))
      : null,
    rainMm != null ? texts.rain(numberText(rainMm, texts)) : null,
    gustMps != null ? texts.gusts(numberText(gustMps, texts)) : null,
    fromMs !== null && toMs !== null
      ? texts.dates(whenText(fromMs, texts, place), whenText(toMs, texts, place))
      : null,
    text('text'),
    fromDay && toDay ? texts.dates(dayText(fromDay, texts), dayText(toDay, texts)) : null,
    isForecast(alert) ? null : texts.since(whenText(alert.sinceMs, texts, place)),
  ]
  return parts.filter((part) => part !== null && part !== '').join(texts.comma)
}

/** A forecast has no start time worth showing. */
const isForecast = ({ cause }: NamedAlert): boolean => /^coop-|-(ahead|window|ends)$/.test(cause)

const ofDevice = new Set([
  'device-silent',
  'battery-low',
  'battery-low-forecast',
  'never-seen',
  'device-leak',
  'device-tamper',
])

/** Today shows every alert with its actions; devices and fields have screens of their own. */
function screenPath({ cause, deviceId, fieldId }: NamedAlert): string {
  if (cause === 'pest-window' && fieldId !== null) return `/fields/${encodeURIComponent(fieldId)}`
  const isOfDevice = ofDevice.has(cause)
  return isOfDevice && deviceId !== null ? `/devices#device/${encodeURIComponent(deviceId)}` : '/'
}
