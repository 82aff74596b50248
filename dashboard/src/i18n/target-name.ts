/** The name of a pest or disease where there is one, else the label's. */
import type { Locale } from './locale.ts'

export const targetName = (locale: Locale, target: string): string =>
  locale.messageOrNull('pest', target) ?? locale.messageOrNull('disease', target) ?? target
