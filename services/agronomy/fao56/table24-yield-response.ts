/**
 * FAO-56 Table 24 (Allen et al. 1998, after Doorenbos & Kassam 1979, FAO-33): seasonal yield response factors Ky. Of a
 * range the middle is taken. Unconfirmed for a variety or a place.
 */
export const table24: Readonly<Record<string, number>> = {
  alfalfa: 1.1,
  banana: 1.275,
  bean: 1.15,
  citrus: 1.2,
  cotton: 0.85,
  grape: 0.85,
  maize: 1.25,
  onion: 1.1,
  pepper: 1.1,
  potato: 1.1,
  soybean: 0.85,
  'spring wheat': 1.15,
  'sugar beet': 1,
  sunflower: 0.95,
  tomato: 1.05,
  watermelon: 1.1,
  'winter wheat': 1.05,
}
