/** What is sprayed against, by its name where we have one, else as the label has it. */
import type { Locale } from './locale.ts'

export const targetName = (say: Locale, target: string): string =>
  say.maybe('pest', target) ?? say.maybe('disease', target) ?? target
