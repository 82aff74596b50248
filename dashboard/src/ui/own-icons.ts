/** The six icons that no set has, on a grid of 24 with a stroke of 2: strokes of paths. */
export const ownIcons = {
  'valve-open': ['M3 14h4l3 3h4l3-3h4', 'M3 20h18', 'M12 17V9', 'M8 5v8', 'M8 9h8', 'M16 5v8'],
  'valve-shut': ['M3 14h4l3 3h4l3-3h4', 'M3 20h18', 'M12 17V6', 'M7 6h10', 'M10 14l4 0'],
  'paddy-depth': [
    'M4 3v18',
    'M4 7h3',
    'M4 11h3',
    'M4 15h3',
    'M9 13c2-1.6 4-1.6 6 0s4 1.6 6 0',
    'M9 19h12',
    'M15 9V3',
    'M15 6c2 0 3-1 3-3',
    'M15 8c-2 0-3-1-3-3',
  ],
  'root-zone': [
    'M3 9h18',
    'M12 9V3',
    'M12 6c2 0 3-1 3-3',
    'M12 9v12',
    'M12 12l-4 4',
    'M12 14l5 4',
    'M8 16v3',
  ],
  trap: ['M4 11l8-7 8 7', 'M5 11v8h14v-8', 'M12 13.5v3', 'M9.5 15h5', 'M10 13l-1.5-1', 'M14 13l1.5-1'],
  'drained-soil': ['M3 6h18', 'M7 6l2 4-2 3', 'M15 6l-1 3 3 3', 'M12 12v8', 'M9 17l3 3 3-3'],
} as const
export type OwnIconName = keyof typeof ownIcons
