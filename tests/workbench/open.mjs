// Opens a workbench with the extension on a folder (the examples), for people:
// node tests/workbench/open.mjs [FOLDER]
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { startServer } from './workbench.mjs';

const folder = path.resolve(process.argv[2] ?? 'examples');
const artifacts = path.resolve('build', 'workbench');
fs.mkdirSync(artifacts, { recursive: true });
const server = await startServer({
  vsix: path.resolve('build', `claimlens-linux-${process.arch}.vsix`),
  artifacts,
});
console.log(`VS Code with Claimlens: ${server.url(folder)}\nCtrl+C ends it.`);
spawn('xdg-open', [server.url(folder)], { stdio: 'ignore', detached: true }).on('error', () => undefined);
process.once('SIGINT', () => void server.stop().then(() => process.exit()));
