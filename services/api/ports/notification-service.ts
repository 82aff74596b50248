/** The notification service as the API uses it. */
import type { Result } from '../../../broker/contract/result.ts'
import type { NotificationChannel } from '../../tables.ts'

export interface NotificationService {
  /** Whether the server operator has configured a mail server. */
  hasMail: boolean
  /** The key with which a browser subscribes; public. */
  pushKey: string
  /** Whether a webhook or a push service at this address is allowed. */
  mayReach(address: string): boolean
  /** The secret that signs the posts of an organisation's webhook. */
  hookSecret(hook: { org: string; salt: string }): string
  /** Sends a test notification now. Null: the channel does not exist; the error is a message key. */
  test(
    org: string,
    recipient: { userId: string; channel: NotificationChannel; target: string },
  ): Promise<Result<null, string> | null>
}

declare module '../http/context.ts' {
  interface ApiDeps {
    /** Notifications about alerts (services/notifications). */
    notifications: NotificationService
  }
}
