// The project's own rules, as a plugin of oxlint (.oxlintrc.json) and of ESLint (eslint.config.js)

/** A rule that forbids what a selector finds. */
const forbid = (message, ...selectors) => ({
  create: (context) =>
    Object.fromEntries(selectors.map((selector) => [selector, (node) => context.report({ node, message })])),
})

export default {
  meta: { name: 'tilth' },
  rules: {
    // a spread merges two objects; it is no way to put properties on one line
    'no-layout-spread': forbid(
      'Write the properties out.',
      'ObjectExpression > SpreadElement > ObjectExpression',
    ),
    'no-own-clock': forbid(
      'Take a Clock (broker/contract/time.ts).',
      "NewExpression[callee.name='Date'][arguments.length=0]",
      "MemberExpression[object.name='Date'][property.name='now']",
    ),
    // a cast trusts the file, the row or the response
    'no-unchecked-json': forbid(
      'Parse it by a schema (broker/contract/json.ts, services/tables/json.ts).',
      "TSAsExpression > CallExpression[callee.object.name='JSON'][callee.property.name='parse']",
    ),
    // tsconfig.json also has the types of Vite and Svelte, for the dashboard
    'no-vite': forbid(
      'Only Vite has it: use process.env or node:fs.',
      "MemberExpression[object.type='MetaProperty'][property.name!=/^(dirname|filename|url)$/]",
    ),
    'no-vite-import': forbid(
      'Only Vite imports it.',
      ':matches(ImportDeclaration, ImportExpression, ExportNamedDeclaration, ExportAllDeclaration) > Literal.source[value=/^\\.(?!.*\\.(ts|json)$)/]',
    ),
    'no-runes': forbid(
      'Only Svelte has runes.',
      'Identifier[name=/^\\$(state|derived|effect|props|bindable|inspect|host)$/]',
    ),
  },
}
