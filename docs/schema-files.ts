/** The published schemas as file name -> text, made from the very schemas that the program checks with. */
import { schemas } from '../broker/contract/messages.ts'
import { delivery } from '../broker/contract/topics.ts'
import { ProfileFile } from '../services/integrations/profiles/profile-schema.ts'
import { declaredRoutes, openApiDocument } from '../services/api/openapi.ts'

export function schemaFiles(): Map<string, string> {
  const files = new Map<string, string>()
  for (const [kind, schema] of Object.entries(schemas)) {
    const { qos, retain } = delivery[kind as keyof typeof delivery]
    const document = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `tilth-v1-${kind}`,
      title: `tilth/v1/{org}/{device}/${kind}`,
      description: `MQTT QoS ${qos}, ${retain ? 'retained' : 'never retained'}. Unknown keys are ignored.`,
      ...schema,
    }
    files.set(`${kind}.schema.json`, `${JSON.stringify(document, null, 2)}\n`)
  }
  files.set('profile.schema.json', `${JSON.stringify(profileSchema, null, 2)}\n`)
  return files
}

const profileSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'tilth-device-profile',
  ...ProfileFile,
}

/** The text of docs/api/openapi.json. */
export const openApiFile = (): string => `${JSON.stringify(openApiDocument(declaredRoutes()), null, 1)}\n`
