import svelte from 'eslint-plugin-svelte'
import tseslint from 'typescript-eslint'

// a spread merges two objects; it is no way to put properties on one line
const noLayoutSpread = {
  selector: 'ObjectExpression > SpreadElement > ObjectExpression',
  message: 'Write the properties out.',
}
const noOwnClock = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Take a Clock (broker/contract/time.ts).',
}
// a cast trusts the file, the row or the response
const noUncheckedJson = {
  selector: "TSAsExpression > CallExpression[callee.object.name='JSON'][callee.property.name='parse']",
  message: 'Parse it by a schema (broker/contract/json.ts, services/tables/json.ts).',
}
// tsconfig.json also has the types of Vite and Svelte, for the dashboard
const noBundler = [
  {
    selector: "MemberExpression[object.type='MetaProperty'][property.name!=/^(dirname|filename|url)$/]",
    message: 'Only Vite has it: use process.env or node:fs.',
  },
  {
    selector: 'Identifier[name=/^\\$(state|derived|effect|props|bindable|inspect|host)$/]',
    message: 'Only Svelte has runes.',
  },
  {
    selector:
      ':matches(ImportDeclaration, ImportExpression, ExportNamedDeclaration, ExportAllDeclaration) > Literal.source[value=/^\\.(?!.*\\.(ts|json)$)/]',
    message: 'Only Vite imports it.',
  },
]

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'data/', 'docs/schemas/', 'test-output/'] },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  { rules: { 'no-useless-rename': 'error', 'object-shorthand': ['error', 'properties'] } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      'prefer-const': ['error', { destructuring: 'all' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', noLayoutSpread],
    },
  },
  {
    // one clock: everything else asks for it
    files: ['broker/**/*.ts', 'services/**/*.ts', 'firmware-sim/**/*.ts'],
    ignores: ['broker/contract/time.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take a Clock (broker/contract/time.ts).' },
      ],
      'no-restricted-syntax': ['error', noLayoutSpread, noOwnClock, ...noBundler],
    },
  },
  {
    files: ['broker/**/*.ts', 'services/**/*.ts'],
    ignores: ['broker/contract/time.ts'],
    rules: { 'no-restricted-syntax': ['error', noLayoutSpread, noOwnClock, noUncheckedJson, ...noBundler] },
  },
  {
    files: ['services/agronomy/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'Date', 'process', 'setTimeout', 'fetch'] },
  },
)
