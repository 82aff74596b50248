/** A device ID for topics (3 to 40 of A-Z a-z 0-9 _ -), from the name that a person entered. */
export function suggestDeviceId(kind: string, name: string, usedIds: readonly string[]): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 24)
  const base = plain === '' ? kind : `${kind}-${plain}`
  for (let n = 1; ; n++) {
    const id = n === 1 && plain !== '' ? base : `${base}-${n}`
    if (!usedIds.includes(id)) return id
  }
}
