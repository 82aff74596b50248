/** Notification preferences, channels, and the outbox of notifications. */
import Type from 'typebox'
import type { AtMs } from '../../broker/contract/time.ts'
import { jsonColumn, type Json } from './json.ts'
import { DayHours } from './water.ts'

/** Groups of alert causes with a preference of their own. */
export const notificationGroups = ['water', 'weather', 'pests', 'devices', 'server'] as const
export type NotificationGroup = (typeof notificationGroups)[number]

/** `all`: each at once; `urgent`: urgent ones at once, the rest daily; `daily`: once a day; `off`: never. */
export const notificationModes = ['all', 'urgent', 'daily', 'off'] as const
export type NotificationMode = (typeof notificationModes)[number]
const Mode = Type.Enum(notificationModes)
const NotificationModes = Type.Object({
  water: Mode,
  weather: Mode,
  pests: Mode,
  devices: Mode,
  server: Mode,
})
export type NotificationModes = Record<NotificationGroup, NotificationMode>

export const notificationLanguages = ['en', 'ja'] as const
export type NotificationLanguage = (typeof notificationLanguages)[number]

/** The notification preference of one person. Without a row nothing is sent. */
export interface NotificationPreferenceRow {
  org: string
  userId: string
  language: NotificationLanguage
  byMail: 0 | 1
  modes: Json<NotificationModes>
  quietHours: Json<DayHours> | null // in the organisation's zone; null: never quiet
  urgentPasses: 0 | 1 // valves, leaks and frost are sent in quiet hours too
  digestMin: number | null // minutes after local midnight; null: no daily digest
}

export const readNotificationModes = jsonColumn('notificationPreference.modes', NotificationModes)
export const readQuietHours = jsonColumn('notificationPreference.quietHours', DayHours)

/** A browser subscribed to push: its endpoint and keys (RFC 8030, 8291). */
export interface PushDeviceRow {
  id: string
  org: string
  userId: string
  name: string // chosen by the person
  pushUrl: string // secret: anyone who has it can push
  pushKey: string // p256dh
  pushAuth: string
  createdAtMs: AtMs
}

/** The webhook of an organisation. One per organisation. */
export interface WebhookRow {
  org: string
  hookUrl: string // may hold a token
  salt: string // of the signing secret, which itself is not stored
  language: NotificationLanguage
  createdBy: string
  createdAtMs: AtMs
}

export type NotificationChannel = 'push' | 'mail' | 'webhook'
export type NotificationState =
  | 'waiting'
  | 'sent'
  | 'repeated' // the same cause was sent a short while before
  | 'withdrawn' // cleared or unsubscribed before it could be sent
  | 'failed' // given up after 24 h

/** One alert to one person (or to the organisation's webhook) over one channel. */
export interface NotificationRow {
  id: string
  org: string
  alertId: string
  causeKey: string // identifies a recurring cause
  userId: string // '': the organisation's
  channel: NotificationChannel
  target: string // id of the push device; '' otherwise
  state: NotificationState
  createdMs: AtMs // when the alert was detected
  dueMs: AtMs // after quiet hours, or with the day's digest
  nextMs: AtMs // of the next attempt
  attempts: number
  sentAtMs: AtMs | null
  problem: string | null // of the last attempt: a catalogue key
}

/** The preference of a person who has chosen nothing yet. */
export const defaultNotificationPreference = {
  byMail: 0,
  modes: { water: 'urgent', weather: 'urgent', pests: 'daily', devices: 'urgent', server: 'daily' },
  quietHours: { fromMin: 21 * 60, toMin: 6 * 60 },
  urgentPasses: 1,
  digestMin: 6 * 60,
} as const satisfies {
  byMail: 0 | 1
  modes: NotificationModes
  quietHours: DayHours
  urgentPasses: 0 | 1
  digestMin: number
}
