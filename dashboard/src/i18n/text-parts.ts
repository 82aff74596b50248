/**
 * The files of a catalogue. A page starts with `common` and the parts of its screen (app/paths.ts), and loads the others
 * when it is shown. test/dashboard/text-parts.test.ts asserts that a screen needs no other part.
 */
export const textParts = [
  'common', // the shell, Today, and texts of several screens
  'field',
  'water',
  'pests',
  'devices',
  'integrations', // networks of other makes
  'people',
  'reports',
  'account', // sign-in, set-up, settings
  'sheets',
  'trust', // the way to HTTPS
] as const
export type TextPart = (typeof textParts)[number]
