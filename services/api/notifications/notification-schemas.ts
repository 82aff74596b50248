/** Notification preferences and channels. */
import Type, { type Static } from 'typebox'
import { notificationLanguages, notificationModes } from '../../tables.ts'
import {
  AtMs,
  Form,
  Id,
  Line,
  MinuteOfDay,
  Num,
  OneOf,
  OrNull,
  NonBlankLine,
  Text,
} from '../http/validation/schema-primitives.ts'

const Mode = OneOf(...notificationModes)
const modes = { water: Mode, weather: Mode, pests: Mode, devices: Mode, server: Mode }
const Minute = Type.Integer({ minimum: 0, maximum: 1439, description: 'minutes after local midnight' })
const Language = OneOf(...notificationLanguages)
const WebAddress = Type.String({ maxLength: 1000, pattern: '^https?://[!-~]+$' })

/** All preferences at once, as the person sees them: an absent one would keep the value of another screen. */
export const NotificationPreferenceForm = Form({
  language: Language,
  byMail: Type.Boolean(),
  modes: Form(modes),
  quietHours: OrNull(Form({ fromMin: MinuteOfDay, toMin: MinuteOfDay })),
  urgentPasses: Type.Boolean(),
  digestMin: OrNull(Minute),
})
export type NotificationPreferenceForm = Static<typeof NotificationPreferenceForm>

const subscription = {
  url: WebAddress,
  key: Type.String({ pattern: '^[\\w-]{87}=?$', description: 'p256dh, base64url' }),
  auth: Type.String({ pattern: '^[\\w-]{22}(==)?$', description: 'base64url' }),
}
/** A browser's subscription (PushSubscription), and the name of the device. */
export const NewPushDevice = Form({ name: NonBlankLine(60), ...subscription })
/** The browser's next subscription, replacing the one at `oldUrl`. */
export const RenewedPushDevice = Form({ oldUrl: WebAddress, ...subscription })

export const NewWebhook = Form({ url: WebAddress, language: Language })
export const WebhookSecret = Type.Object({ secret: Text })

/** `deviceId`: one of the person's browsers, for a push. */
export const TestNotification = Form({
  channel: OneOf('push', 'mail', 'webhook'),
  deviceId: Type.Optional(Line(64)),
})
/** `problem`: why the test was not delivered; null: it was delivered. */
export const TestNotificationResult = Type.Object({ problem: OrNull(Text) })
export type TestNotificationResult = Static<typeof TestNotificationResult>

/** The status of a channel. `failing`: start and reason of failed deliveries, and the number abandoned. */
const ChannelStatusSchema = Type.Object({
  sentAtMs: OrNull(AtMs),
  failing: OrNull(Type.Object({ sinceMs: AtMs, problem: Text, dropped: Num })),
})
export type ChannelStatus = Static<typeof ChannelStatusSchema>

export const NotificationSettings = Type.Object({
  timeZone: Text, // of the quiet hours
  preference: Type.Object({
    language: Language,
    byMail: Type.Boolean(),
    modes: Type.Object(modes),
    quietHours: OrNull(Type.Object({ fromMin: Num, toMin: Num })),
    urgentPasses: Type.Boolean(),
    digestMin: OrNull(Num),
  }),
  hasMail: Type.Boolean(), // false: no mail server is configured
  address: Text,
  mail: ChannelStatusSchema,
  pushKey: Text,
  devices: Type.Array(Type.Object({ id: Id, name: Text, createdAtMs: AtMs, way: ChannelStatusSchema })),
  // for administrators; null: none
  webhook: OrNull(Type.Object({ url: Text, createdAtMs: AtMs, way: ChannelStatusSchema })),
})
export type NotificationSettings = Static<typeof NotificationSettings>
