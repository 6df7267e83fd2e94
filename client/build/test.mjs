// Bundles each test of the client for Node and runs them all; `vscode` is replaced by the stand-in beside them.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

import { build } from 'esbuild';

const outdir = 'build/client-tests';
const entryPoints = readdirSync('client/test')
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `client/test/${name}`);
await build({
  entryPoints,
  outdir,
  outExtension: { '.js': '.cjs' },
  alias: { vscode: './client/test/vscode.ts' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'warning',
});
const files = entryPoints.map((file) => file.replace(/^client[\\/]test/, outdir).replace(/\.ts$/, '.cjs'));
const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', '--test-reporter=spec', ...files], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
