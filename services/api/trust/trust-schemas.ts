/** How a phone reaches this Tilth over HTTPS, and the authority that it must trust. */
import Type, { type Static } from 'typebox'
import { OrNull } from '../http/validation/schema-primitives.ts'

export const TrustView = Type.Object({
  https: OrNull(Type.Enum(['own', 'files', 'public'], { description: 'who vouches for the certificate' })),
  origin: OrNull(
    Type.String({ description: 'the address over HTTPS, under a name that the certificate contains' }),
  ),
  visitUrl: OrNull(Type.String({ description: 'the address of /trust for another device of the network' })),
  authority: OrNull(
    Type.Object({
      name: Type.String(),
      sha256: Type.String({ description: 'fingerprint, as phones show it' }),
      endMs: Type.Number(),
    }),
  ),
})
export type TrustView = Static<typeof TrustView>
