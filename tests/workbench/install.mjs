// Installs a complete VS Code workbench (code-server) and the Node it needs from npm alone, in the user's cache folder.
// Nothing is compiled: the two native modules that would be are replaced, the others come built.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { CODE_SERVER_VERSION, NODE_PACKAGE, NODE_VERSION, installation } from './place.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

if (!fs.existsSync(installation.node)) {
  console.log(`Installing a VS Code workbench (code-server ${CODE_SERVER_VERSION}) into ${installation.folder} …`);
  const unfinished = `${installation.folder}.unfinished`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  install(unfinished);
  fs.rmSync(installation.folder, { recursive: true, force: true });
  fs.renameSync(unfinished, installation.folder);
}

function install(folder) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{"private": true}\n');
  npmInstall(folder, '--no-save', `code-server@${CODE_SERVER_VERSION}`, `${NODE_PACKAGE}@${NODE_VERSION}`);
  // What code-server's own post-install script does, without the compiler.
  const vscode = path.join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  npmInstall(vscode, '--omit=dev');
  npmInstall(path.join(vscode, 'extensions'), '--omit=dev');
  fs.rmSync(path.join(vscode, 'node_modules.asar'), { force: true });
  fs.symlinkSync('node_modules', path.join(vscode, 'node_modules.asar'));
  const modules = path.join(vscode, 'node_modules', '@vscode');
  fs.copyFileSync(path.join(here, 'spdlog.cjs'), path.join(modules, 'spdlog', 'index.js'));
  fs.writeFileSync(path.join(modules, 'native-watchdog', 'index.js'), 'exports.start = () => {};\n');
}

function npmInstall(folder, ...options) {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', ...quiet, ...options], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}
