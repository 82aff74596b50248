/** Who is told of alerts, over what, and what has been told: the outbox. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'
import type { DayHours } from './water.ts'

/** Kinds of causes a person may want told differently. */
export const notificationGroups = ['water', 'weather', 'pests', 'devices', 'server'] as const
export type NotificationGroup = (typeof notificationGroups)[number]

/** `all`: each at once; `urgent`: what needs a person at once, the rest once a day; `daily`: once a day; `off`: never. */
export const notificationModes = ['all', 'urgent', 'daily', 'off'] as const
export type NotificationMode = (typeof notificationModes)[number]
export type NotificationModes = Record<NotificationGroup, NotificationMode>

export const notificationLanguages = ['en', 'ja'] as const
export type NotificationLanguage = (typeof notificationLanguages)[number]

/** What one person wants to be told. Without a row nothing is sent to them. */
export interface NotificationPreferenceRow {
  org: string
  userId: string
  language: NotificationLanguage
  byMail: 0 | 1
  modes: Json<NotificationModes>
  quiet: Json<DayHours> | null // in the organisation's zone; null: never quiet
  urgentPasses: 0 | 1 // valves, leaks and frost are told in quiet hours too
  digestMin: number | null // minutes after local midnight; null: nothing is told once a day
}

/** A browser that a person has allowed to show notices: the address and keys it gave (RFC 8030, 8291). */
export interface PushDeviceRow {
  id: string
  org: string
  userId: string
  name: string // as the person knows it
  pushUrl: string // secret: whoever has it can push
  pushKey: string // p256dh
  pushAuth: string
  createdAtMs: AtMs
}

/** Where an organisation's alerts are posted to. One an organisation. */
export interface WebhookRow {
  org: string
  hookUrl: string // may hold a token
  salt: string // of the secret that signs what is posted: the secret itself is kept nowhere
  language: NotificationLanguage
  createdBy: string
  createdAtMs: AtMs
}

export type NotificationChannel = 'push' | 'mail' | 'webhook'
export type NotificationState =
  | 'waiting'
  | 'sent'
  | 'repeat' // the same had been told a short while before
  | 'withdrawn' // over, or no longer wanted, before it could be sent
  | 'failed' // tried for a day

/** One alert to one person (nobody: the organisation's webhook) over one channel. */
export interface NotificationRow {
  id: string
  org: string
  alertId: string
  causeKey: string // what is the same cause when it comes back
  userId: string // '': the organisation's
  channel: NotificationChannel
  target: string // id of the push device; '' otherwise
  state: NotificationState
  createdMs: AtMs // when the alert was seen
  dueMs: AtMs // after quiet hours, or with the day's digest
  nextMs: AtMs // of the next try
  tries: number
  toldMs: AtMs | null
  problem: string | null // of the last try: a key of the words
}

/** What stands for a person who has chosen nothing yet. */
export const defaultNotificationPreference = {
  byMail: 0,
  modes: { water: 'urgent', weather: 'urgent', pests: 'daily', devices: 'urgent', server: 'daily' },
  quiet: { fromMin: 21 * 60, toMin: 6 * 60 },
  urgentPasses: 1,
  digestMin: 6 * 60,
} as const satisfies {
  byMail: 0 | 1
  modes: NotificationModes
  quiet: DayHours
  urgentPasses: 0 | 1
  digestMin: number
}
