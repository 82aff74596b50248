/**
 * The six icons that no icon set has, on a grid of 24 with a stroke of 2. A valve is drawn as in piping diagrams: two
 * cones, hollow when open, filled when closed.
 */
export const customIcons = {
  'valve-open': { strokes: ['M3 9v11l18-11v11z', 'M12 14.5V5', 'M8 5h8'] },
  'valve-shut': { strokes: ['M12 14.5V5', 'M8 5h8'], filled: 'M3 9v11l18-11v11z' },
  'paddy-depth': {
    strokes: [
      'M4 3v18',
      'M4 6h3',
      'M4 11h3',
      'M4 16h3',
      'M9 14c2-1.8 4-1.8 6 0s4 1.8 6 0',
      'M9 20h12',
      'M15 10V5',
      'M15 6c2.5 0 4-1.2 4-3.5',
      'M15 8c-2.5 0-4-1.2-4-3.5',
    ],
  },
  'root-zone': {
    strokes: [
      'M3 12h18',
      'M12 12V7',
      'M12 8c0-3 2-5 6-5 0 3.5-2.5 5-6 5z',
      'M12 10c0-2.5-2-4-5-4 0 2.8 2 4 5 4z',
      'M12 12v9',
      'M12 14c-1 2-4 2-5 5',
      'M12 14c1 2 4 2 5 5',
    ],
  },
  trap: {
    strokes: [
      'M3 11 12 4l9 7',
      'M5 11v9h14v-9',
      'M12 14v3.5',
      'M9.5 13l1.5 1.5',
      'M14.5 13 13 14.5',
      'M9 16.5h6',
    ],
  },
  'drained-soil': { strokes: ['M3 7h18', 'M7 7l2 4-2 4', 'M16 7l-1.5 3L17 13', 'M12 12v8', 'M9 17l3 3 3-3'] },
} as const satisfies Record<string, { strokes: readonly string[]; filled?: string }>
export type CustomIconName = keyof typeof customIcons
