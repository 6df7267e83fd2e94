// Which workbench the tests drive, and where it is kept.
import os from 'node:os';
import path from 'node:path';

export const CODE_SERVER_VERSION = '4.139.1'; // VS Code 1.139.1
export const NODE_PACKAGE = `node-linux-${process.arch}`;
export const NODE_VERSION = '24.21.0'; // the one that code-server wants

const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
const folder = path.join(cache, 'claimlens', `code-server-${CODE_SERVER_VERSION}-node-${NODE_VERSION}`);

/** The folder and the two programs in it. */
export const installation = {
  folder,
  node: path.join(folder, 'node_modules', NODE_PACKAGE, 'bin', 'node'),
  entry: path.join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js'),
};
