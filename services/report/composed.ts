/**
 * Kana with their combining marks as one character: macOS writes names decomposed. Nothing else is normalised, since
 * that would lose variant characters of names.
 */
export const composeKana = (text: string): string =>
  text.replace(/[\u3040-\u30ff][\u3099\u309a]/gu, (pair) => pair.normalize('NFC'))
