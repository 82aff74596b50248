/** The texts of notifications, which every language provides. */
import type { NotificationCause } from './causes.ts'

export interface NotificationTexts {
  locale: string
  comma: string
  causes: Record<NotificationCause, string>
  pests: Readonly<Record<string, string>>
  since(when: string): string
  /** `n` of `of` devices */
  devices(n: number, of: number): string
  percent(percent: number): string
  coldest(tempC: string, when: string): string
  rain(mm: string): string
  gusts(mps: string): string
  dates(from: string, to: string): string
  several(n: number): string
  more(n: number): string
  over(title: string): string
  look: string
  /** Why the recipient gets this message, and how to stop it. */
  why: string
  test: { title: string; text: string }
}
