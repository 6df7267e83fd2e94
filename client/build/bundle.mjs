// Bundles the client into client/dist/extension.js.
import { build } from 'esbuild';

await build({
  entryPoints: ['client/src/extension.ts'],
  outfile: 'client/dist/extension.js',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
});
