// Runs the scenarios in a real workbench and writes what became of each:
// node tests/workbench/run.mjs VSIX ARTIFACTS [PART OF A SCENARIO'S NAME]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { writeFolder } from './folder.mjs';
import { startProvider } from './provider.mjs';
import { scenarios } from './scenarios.mjs';
import { show, startServer } from './workbench.mjs';

/** After so many failures in a row there is nothing to be learnt from more. */
const MOST_FAILURES = 3;

const [vsix, artifacts] = process.argv.slice(2, 4).map((argument) => path.resolve(argument));
const chosen = Object.entries(scenarios).filter(([name]) => name.includes(process.argv[4] ?? ''));
fs.rmSync(artifacts, { recursive: true, force: true });
fs.mkdirSync(artifacts, { recursive: true });
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'claimlens-folder-'));
const folder = path.join(temporary, 'folder');
const sentinel = path.join(temporary, 'ran.txt');
const examples = path.join(temporary, 'examples');
fs.cpSync('examples', examples, { recursive: true });
const provider = await startProvider();
const issued = await provider.token('ES256');
writeFolder(folder, sentinel, issued);

// The hostile interpreter is even the first one on the PATH, as in a shell that activates it.
const profile = `export PATH='${path.join(folder, '.venv', 'bin')}':"$PATH"\n`;
const server = await startServer({ vsix, artifacts, profile });
const results = {};
let bench;
try {
  bench = await show(server.url(folder), artifacts);
  const tools = {
    bench,
    issued,
    sentinel,
    processes: () => processes(server.home),
    logText: () => logText(server.home),
    showExamples: (viewport) => show(server.url(examples), artifacts, viewport),
  };
  let failures = 0;
  for (const [name, scenario] of chosen) {
    if (failures === MOST_FAILURES) {
      results[name] = { error: 'not run: those before it failed' };
      continue;
    }
    const begin = Date.now();
    try {
      await scenario(tools);
      results[name] = { seconds: (Date.now() - begin) / 1000 };
      failures = 0;
    } catch (error) {
      failures += 1;
      await bench.screenshot(`failed-${Object.keys(results).length}`);
      results[name] = { seconds: (Date.now() - begin) / 1000, error: error.stack };
      await bench.page.keyboard.press('Escape');
    }
  }
} finally {
  fs.writeFileSync(path.join(artifacts, 'client.log'), logText(server.home));
  await bench?.close();
  provider.stop();
  await server.stop();
  fs.rmSync(temporary, { recursive: true, force: true });
  fs.writeFileSync(path.join(artifacts, 'results.json'), JSON.stringify(results, undefined, 2));
}
// What became of the scenarios is in the file; this ends well when they could be run.

/** The ids of the language servers that were started from the extension under `home`. */
function processes(home) {
  const ids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.map(Number).filter((id) => {
    try {
      const command = fs.readFileSync(`/proc/${id}/cmdline`, 'utf8');
      return command.includes(home) && command.includes('boot.py');
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

/** Everything the extension has written to its output channel. */
function logText(home) {
  const logs = fs.readdirSync(home, { recursive: true }).filter((name) => /claimlens.*\.log$/i.test(name));
  return logs.map((name) => fs.readFileSync(path.join(home, name), 'utf8')).join('');
}
