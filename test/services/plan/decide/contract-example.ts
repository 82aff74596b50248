/** The setup line of the contract's example, section 4. */
export const setup = {
  type: 'setup',
  site: { latDeg: 40.4, lonDeg: -98.0, elevM: 600, timeZone: 'America/Chicago' },
  field: {
    crop: 'maize',
    plantingDay: '1995-05-01',
    areaM2: 10_000,
    soil: {
      texture: 'sandy-loam',
      layers: [{ toM: 1.2, fieldCapacity: 0.22, wiltingPoint: 0.1, saturation: 0.41 }],
    },
    initialVwc: 0.16,
    irrigation: { method: 'sprinkler', wettedFraction: 1, efficiency: 1, maxMmPerDay: 60, minMm: 5 },
  },
  sensors: [
    { id: 's1', depthM: 0.2 },
    { id: 's2', depthM: 0.5 },
  ],
  economics: { cropPricePerT: 180, waterCostPerMm: 1 },
  history: [{ day: '1994-05-01', tMinC: 8, tMaxC: 21, rainMm: 0, et0Mm: 4.1 }],
}

export const firstDay = {
  type: 'day',
  day: '1995-05-01',
  weather: { tMinC: 7.2, tMaxC: 19.8, rainMm: 0, et0Mm: 4.4 },
  soilMoisture: { s1: 0.161, s2: 0.158 },
  appliedMm: 0,
  forecast: [{ day: '1995-05-02', tMinC: 6, tMaxC: 20, rainMm: 2 }],
}
