/**
 * A ZIP file contains the time of each entry and would differ from second to second: all entries get the first day that
 * the format supports. APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12 and 4.3.16.
 */
const END = 0x06054b50
const ENTRY = 0x02014b50
const FIRST_DAY = 0x0021 // 1 January 1980

export function withFixedDates(zip: Buffer): Buffer {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || zip.readUInt32LE(end) !== END) throw new RangeError('not a ZIP file')
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== ENTRY) throw new RangeError('a ZIP file without its list of parts')
    const local = zip.readUInt32LE(at + 42)
    for (const times of [at + 12, local + 10]) {
      zip.writeUInt16LE(0, times)
      zip.writeUInt16LE(FIRST_DAY, times + 2)
    }
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  return zip
}
