/** Photos are stored without what a phone writes next to the picture, and nothing else passes for a photo. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJpeg, readPhoto } from '../../../../services/api/http/validation/read-jpeg.ts'
import { hostileFiles } from '../../../support/hostile-files.ts'
import { redJpeg } from '../../../support/red-jpeg.ts'
import { smallJpeg } from '../../../support/small-jpeg.ts'

const segment = (marker: number, content: string) => {
  const length = Buffer.byteLength(content, 'latin1') + 2
  return Buffer.concat([
    Buffer.from([0xff, marker, length >> 8, length & 255]),
    Buffer.from(content, 'latin1'),
  ])
}
const red = Buffer.from(redJpeg, 'base64')
/** The picture with segments after its first marker, and bytes after its end. */
const withParts = (parts: Buffer[], tail = Buffer.alloc(0)) =>
  Buffer.concat([red.subarray(0, 2), ...parts, red.subarray(2), tail])
const exif = segment(0xe1, 'Exif\0\0MM\0*\0\0\0\bGPS 36.6 N 138.2 E')

describe('a photo', () => {
  it('is stored without EXIF, XMP, IPTC, comments, unknown data and bytes after its end', () => {
    const sent = withParts(
      [
        exif,
        segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>'),
        segment(0xed, 'Photoshop 3.0\0'),
        segment(0xfe, 'taken at home'),
        segment(0xe2, 'MPF\0'),
      ],
      Buffer.concat([Buffer.from('hidden'), Buffer.from([0xff, 0xd9])]),
    )
    expect(readJpeg(sent, 1_280)).toEqual({ ok: true, value: red })
  })

  it('keeps what its colours mean', () => {
    const sent = withParts([
      segment(0xe2, 'ICC_PROFILE\0\x01\x01profile'),
      segment(0xee, 'Adobe\0d\0\0\0\0\0'),
    ])
    expect(readJpeg(sent, 1_280)).toEqual({ ok: true, value: sent })
  })

  it('loses a comment between two scans too, and no scan', () => {
    const scan = red.subarray(red.indexOf(Buffer.from([0xff, 0xda])), -2)
    const end = red.subarray(-2)
    const twice = Buffer.concat([red.subarray(0, -2), segment(0xfe, 'between'), scan, end])
    expect(readJpeg(twice, 1_280)).toEqual({
      ok: true,
      value: Buffer.concat([red.subarray(0, -2), scan, end]),
    })
  })

  it('is cleaned in both sizes, and a small one without metadata stays as it is', () => {
    const photo = { thumbnail: smallJpeg(), picture: withParts([exif]).toString('base64') }
    expect(readPhoto(photo)).toEqual({ ok: true, value: { thumbnail: smallJpeg(), picture: redJpeg } })
  })

  it.each(hostileFiles.filter(({ to }) => to === 'photo').map((file) => [file.name, file] as const))(
    '%s is rejected',
    (_, { bytes, expected }) => {
      const read = readJpeg(bytes(), 1_280)
      expect(read.ok ? 'accepted' : read.error).toMatch(expected)
    },
  )

  it('of any bytes is read or rejected, and never holds metadata', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(exif, red.subarray(2, -2), Buffer.from([0xff]), Buffer.from([0xff, 0xda, 0, 2])),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const read = readJpeg(Buffer.concat([red.subarray(0, 2), ...parts, red.subarray(-2)]), 1_280)
        if (read.ok) expect(readJpeg(read.value, 1_280)).toEqual(read)
        else expect(read.error).toMatch(/^expected /)
      }),
    )
  })
})
