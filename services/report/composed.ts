/**
 * Kana with their marks as one character: a name that a Mac has written has them apart. Nothing else is normalised, or
 * the variants of characters in names would be lost.
 */
export const composeKana = (text: string): string =>
  text.replace(/[\u3040-\u30ff][\u3099\u309a]/gu, (pair) => pair.normalize('NFC'))
