/**
 * Decides which program runs the language server.
 *
 * The order: the command the user set, the interpreter the user set, the interpreter of a Python extension, Python on
 * the PATH. What the user set is used or reported, never silently passed over. An interpreter that lies in an opened
 * folder is not used unless the user named it: the folder could have brought it along.
 *
 * Everything the decision depends on is handed in, so that it can be tested as a table.
 */

import * as path from 'node:path';

/** The oldest Python that the server runs on. */
export const OLDEST_PYTHON: readonly [number, number] = [3, 11];

/** A command that may be a Python interpreter, and who offers it. */
export interface Candidate {
  readonly command: string;
  readonly args: readonly string[];
  readonly source: string;
}

/** What a candidate answers when asked what it is, or what went wrong. */
export type Probe =
  { readonly executable: string; readonly version: readonly [number, number, number] } | { readonly problem: string };

/** A program to start, with the words that go into the log and the status. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly description: string;
}

/** Something that was tried and why it was not taken. */
export interface Rejection {
  readonly candidate: string;
  readonly reason: string;
  /** True if the user asked for exactly this. */
  readonly wanted: boolean;
}

export interface Resolution {
  readonly launch: Launch | undefined;
  readonly rejections: readonly Rejection[];
}

/** The world as `resolve` sees it. */
export interface Surroundings {
  readonly serverPath: string;
  readonly interpreter: string;
  readonly trusted: boolean;
  /** Absolute paths of the opened folders. */
  readonly folders: readonly string[];
  readonly platform: NodeJS.Platform;
  /** The file that starts the bundled server. */
  readonly boot: string;
  exists(file: string): boolean;
  /** Where a program lies on the PATH: absolute paths, in order. */
  onPath(program: string): readonly string[];
  /** The interpreters that installed Python extensions have chosen; none of them is started for that. */
  offered(): Promise<readonly Candidate[]>;
  probe(candidate: Candidate): Promise<Probe>;
}

/** Find the program to start; every candidate that was passed over is named with its reason. */
export async function resolve(world: Surroundings): Promise<Resolution> {
  if (world.serverPath) {
    return fromServerPath(world);
  }
  if (world.interpreter) {
    const candidate = { command: world.interpreter, args: [], source: 'claimlens.server.interpreter' };
    return firstThatWorks([candidate], world, true);
  }
  const offered = world.trusted ? await world.offered() : [];
  return firstThatWorks([...offered, ...pythonsOnPath(world)], world, false);
}

function fromServerPath(world: Surroundings): Resolution {
  const command = world.serverPath;
  if (!flavour(world).isAbsolute(command) || !world.exists(command)) {
    const reason = flavour(world).isAbsolute(command) ? 'no such file' : 'not an absolute path';
    return { launch: undefined, rejections: [{ candidate: command, reason, wanted: true }] };
  }
  return { launch: { command, args: ['lsp'], description: `${command} (claimlens.server.path)` }, rejections: [] };
}

async function firstThatWorks(
  candidates: readonly Candidate[],
  world: Surroundings,
  wanted: boolean,
): Promise<Resolution> {
  const rejections: Rejection[] = [];
  const seen = new Set<string>();
  for (const candidate of candidates) {
    const words = [candidate.command, ...candidate.args].join(' ');
    if (seen.has(words)) {
      continue;
    }
    seen.add(words);
    const outcome = await examine(candidate, world, wanted);
    if (typeof outcome !== 'string') {
      return { launch: outcome, rejections };
    }
    rejections.push({ candidate: `${words} (${candidate.source})`, reason: outcome, wanted });
  }
  return { launch: undefined, rejections };
}

/** Return how to start the server with this interpreter, or why not. */
async function examine(candidate: Candidate, world: Surroundings, wanted: boolean): Promise<Launch | string> {
  if (!flavour(world).isAbsolute(candidate.command)) {
    return 'not an absolute path';
  }
  if (!wanted && inside(candidate.command, world)) {
    return 'lies in an opened folder';
  }
  const probe = await world.probe(candidate);
  if ('problem' in probe) {
    return probe.problem;
  }
  const [major, minor, micro] = probe.version;
  const version = `${String(major)}.${String(minor)}.${String(micro)}`;
  if (major !== OLDEST_PYTHON[0] || minor < OLDEST_PYTHON[1]) {
    return `Python ${version} is older than ${OLDEST_PYTHON.join('.')}`;
  }
  const command = probe.executable || candidate.command;
  if (!wanted && inside(command, world)) {
    return 'lies in an opened folder';
  }
  return {
    command,
    // -I and -S: nothing of the environment, the working directory or site-packages is imported.
    args: ['-I', '-S', '-X', 'utf8', world.boot],
    description: `Python ${version}, ${command} (${candidate.source})`,
  };
}

function inside(file: string, world: Surroundings): boolean {
  const paths = flavour(world);
  const fold = (name: string) => (world.platform === 'linux' ? name : name.toLowerCase());
  return world.folders.some((folder) => {
    const way = paths.relative(fold(folder), fold(file));
    return way !== '' && way !== '..' && !way.startsWith(`..${paths.sep}`) && !paths.isAbsolute(way);
  });
}

function flavour(world: Surroundings): path.PlatformPath {
  return world.platform === 'win32' ? path.win32 : path.posix;
}

function pythonsOnPath(world: Surroundings): Candidate[] {
  const names: [string, string[]][] = [
    ['python3', []],
    ['python', []],
  ];
  if (world.platform === 'win32') {
    names.push(['py', ['-3']]);
  }
  return names.flatMap(([name, args]) => world.onPath(name).map((command) => ({ command, args, source: 'PATH' })));
}
