/** What is sprayed against, by its name where we have one, else as the label has it. */
import type { Locale } from './locale.ts'

export const targetName = (locale: Locale, target: string): string =>
  locale.messageOrNull('pest', target) ?? locale.messageOrNull('disease', target) ?? target
