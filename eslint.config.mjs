import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const NOTIFICATIONS = {
  selector: "MemberExpression[object.property.name='window'][property.name=/^show(Information|Warning|Error)Message$/]",
  message: 'Notifications are shown by notify.ts alone.',
};

export default defineConfig(
  { ignores: ['**/dist/', '**/node_modules/', 'build/', 'bundled/'] },
  {
    files: ['client/{src,test}/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: ['test', 'describe', 'it'], package: 'node:test' }] },
      ],
      'no-restricted-syntax': ['error', NOTIFICATIONS],
      eqeqeq: 'error',
    },
  },
  { files: ['client/src/notify.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['**/*.mjs'],
    extends: [tseslint.configs.recommended],
    rules: { eqeqeq: 'error' },
  },
);
