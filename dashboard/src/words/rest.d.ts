/** The part of a catalogue that is loaded after Today stands (dashboard/split-words.ts). */
declare module '*.json?rest' {
  const texts: Readonly<Record<string, string>>
  export default texts
}
