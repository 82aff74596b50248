/** What the routes of notices ask of the module that sends them. */
import type { Result } from '../../../broker/contract/result.ts'
import type { NotificationChannel } from '../../tables.ts'

export interface NotificationService {
  /** Whether whoever runs Tilth has set a mail server. */
  hasMail: boolean
  /** By which a browser subscribes; public. */
  pushKey: string
  /** Whether a webhook or a push service at this address may be reached. */
  mayReach(address: string): boolean
  /** What signs the posts of an organisation's webhook. */
  hookSecret(hook: { org: string; salt: string }): string
  /** Sends one at once. Null: there is no such way to anybody; an error is a key of the words. */
  test(
    org: string,
    way: { userId: string; channel: NotificationChannel; target: string },
  ): Promise<Result<null, string> | null>
}

declare module '../http/context.ts' {
  interface ApiDeps {
    /** Notifications about alerts (services/notifications). */
    notifications: NotificationService
  }
}
