import svelte from 'eslint-plugin-svelte'
import tseslint from 'typescript-eslint'
import tilth from './.ci/lint-rules.mjs'

// the dashboard alone: the rest is checked by oxlint (.oxlintrc.json), with the same rules in a fifth of the time
export default tseslint.config(
  { ignores: ['**/*', '!dashboard/', '!dashboard/**'] },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    plugins: { tilth },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-useless-rename': 'error',
      'object-shorthand': ['error', 'properties'],
      'prefer-const': ['error', { destructuring: 'all' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'tilth/no-layout-spread': 'error',
    },
  },
)
