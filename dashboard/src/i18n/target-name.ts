/** The catalogue's name of a pest or disease, else the name on the label. */
import type { Locale } from './locale.ts'

export const targetName = (locale: Locale, target: string): string =>
  locale.messageOrNull('pest', target) ?? locale.messageOrNull('disease-name', target) ?? target
