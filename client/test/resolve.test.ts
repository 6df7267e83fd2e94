import assert from 'node:assert/strict';
import { test } from 'node:test';

import { resolve } from '../src/python/resolve';
import type { Candidate, Probe, Surroundings } from '../src/python/resolve';

const BOOT = '/extension/bundled/boot.py';
const FLAGS = ['-I', '-S', '-X', 'utf8', BOOT];

/** A world with Pythons by path; a version of `[0, 0, 0]` cannot be started. */
function world(pythons: Record<string, [number, number, number]>, changes: Partial<Surroundings> = {}): Surroundings {
  return {
    serverPath: '',
    interpreter: '',
    trusted: true,
    folders: ['/home/ada/project'],
    platform: 'linux',
    boot: BOOT,
    exists: (file) => file in pythons,
    onPath: (name) => Object.keys(pythons).filter((file) => file.endsWith(`bin/${name}`)),
    offered: () => Promise.resolve([]),
    probe: ({ command }: Candidate): Promise<Probe> => {
      const version = pythons[command];
      return Promise.resolve(
        version === undefined || version[0] === 0
          ? { problem: 'cannot be started (ENOENT)' }
          : { executable: command, version },
      );
    },
    ...changes,
  };
}

const offering = (command: string) => () => Promise.resolve([{ command, args: [], source: 'ms-python.python' }]);

interface Case {
  name: string;
  world: Surroundings;
  command: string | undefined;
  args?: string[];
  reasons?: RegExp[];
}

const CASES: Case[] = [
  {
    name: 'Python on the PATH runs the bundled server, isolated',
    world: world({ '/usr/bin/python3': [3, 11, 2] }),
    command: '/usr/bin/python3',
    args: FLAGS,
  },
  {
    name: 'the command the user has set is started as it is',
    world: world({ '/opt/claimlens': [0, 0, 0], '/usr/bin/python3': [3, 12, 0] }, { serverPath: '/opt/claimlens' }),
    command: '/opt/claimlens',
    args: ['lsp'],
  },
  {
    name: 'a command that is not there is reported, not passed over',
    world: world({ '/usr/bin/python3': [3, 12, 0] }, { serverPath: '/opt/missing' }),
    command: undefined,
    reasons: [/no such file/],
  },
  {
    name: 'a relative command could be one of the opened folder',
    world: world({ 'bin/claimlens': [0, 0, 0] }, { serverPath: 'bin/claimlens' }),
    command: undefined,
    reasons: [/not an absolute path/],
  },
  {
    name: 'the interpreter the user has set comes before all others, even in an opened folder',
    world: world(
      { '/home/ada/project/.venv/bin/python': [3, 13, 1], '/usr/bin/python3': [3, 11, 2] },
      { interpreter: '/home/ada/project/.venv/bin/python' },
    ),
    command: '/home/ada/project/.venv/bin/python',
  },
  {
    name: 'an interpreter the user has set that is too old is reported, not passed over',
    world: world({ '/opt/python': [3, 9, 1], '/usr/bin/python3': [3, 12, 0] }, { interpreter: '/opt/python' }),
    command: undefined,
    reasons: [/3\.9\.1 is older than 3\.11/],
  },
  {
    name: "the Python extension's interpreter comes before the PATH",
    world: world(
      { '/opt/conda/bin/python': [3, 12, 4], '/usr/bin/python3': [3, 11, 2] },
      { offered: offering('/opt/conda/bin/python') },
    ),
    command: '/opt/conda/bin/python',
  },
  {
    name: 'in a folder that is not trusted, no extension is asked',
    world: world(
      { '/opt/conda/bin/python': [3, 12, 4], '/usr/bin/python3': [3, 11, 2] },
      { trusted: false, offered: () => Promise.reject(new Error('was asked')) },
    ),
    command: '/usr/bin/python3',
  },
  {
    name: 'an interpreter in an opened folder is not used just because an extension or the PATH names it',
    world: world(
      { '/home/ada/project/.venv/bin/python3': [3, 12, 4], '/usr/bin/python': [3, 11, 2] },
      { offered: offering('/home/ada/project/.venv/bin/python3') },
    ),
    command: '/usr/bin/python',
    reasons: [/lies in an opened folder/],
  },
  {
    name: 'behind an interpreter that is not used, the next one of the same name on the PATH is',
    world: world({ '/home/ada/project/.venv/bin/python3': [3, 12, 4], '/usr/bin/python3': [3, 11, 2] }),
    command: '/usr/bin/python3',
    reasons: [/lies in an opened folder/],
  },
  {
    name: 'a launcher outside that leads into an opened folder is not used either',
    world: world(
      { '/usr/bin/python3': [3, 12, 0] },
      { probe: () => Promise.resolve({ executable: '/home/ada/project/evil/python', version: [3, 12, 0] }) },
    ),
    command: undefined,
    reasons: [/lies in an opened folder/],
  },
  {
    name: 'a folder beside the opened one with the same beginning is not inside it',
    world: world(
      { '/home/ada/project-tools/bin/python3': [3, 12, 0] },
      { offered: offering('/home/ada/project-tools/bin/python3') },
    ),
    command: '/home/ada/project-tools/bin/python3',
  },
  {
    name: 'a folder whose name begins with two dots is inside',
    world: world({ '/home/ada/project/..venv/bin/python3': [3, 12, 0] }),
    command: undefined,
    reasons: [/lies in an opened folder/],
  },
  {
    name: 'Python that is too old is passed over for one that is not',
    world: world({ '/usr/bin/python3': [3, 9, 2], '/usr/local/bin/python': [3, 14, 0] }),
    command: '/usr/local/bin/python',
    reasons: [/3\.9\.2 is older than 3\.11/],
  },
  {
    name: 'a future major version is not guessed about',
    world: world({ '/usr/bin/python3': [4, 0, 0] }),
    command: undefined,
    reasons: [/4\.0\.0/],
  },
  { name: 'no Python at all', world: world({}), command: undefined, reasons: [] },
  {
    name: 'on Windows the launcher py is asked for Python 3, and what it names is started',
    world: world(
      {},
      {
        platform: 'win32',
        folders: ['C:\\work'],
        onPath: (name) => (name === 'py' ? ['C:\\Windows\\py.exe'] : []),
        probe: ({ args }) =>
          Promise.resolve(
            args.includes('-3')
              ? { executable: 'C:\\Python312\\python.exe', version: [3, 12, 1] }
              : { problem: 'asked without -3' },
          ),
      },
    ),
    command: 'C:\\Python312\\python.exe',
    args: FLAGS,
  },
  {
    name: 'on Windows a drive or a letter in another case does not hide the opened folder',
    world: world(
      {},
      {
        platform: 'win32',
        folders: ['c:\\Work'],
        onPath: (name) => (name === 'python3' ? ['C:\\work\\.venv\\Scripts\\python3.exe'] : []),
        probe: ({ command }) => Promise.resolve({ executable: command, version: [3, 12, 1] }),
      },
    ),
    command: undefined,
    reasons: [/lies in an opened folder/],
  },
];

for (const { name, world: surroundings, command, args, reasons } of CASES) {
  test(`launcher: ${name}`, async () => {
    const { launch, rejections } = await resolve(surroundings);
    assert.equal(launch?.command, command);
    if (args !== undefined) {
      assert.deepEqual(launch?.args, args);
    }
    if (reasons !== undefined) {
      assert.equal(rejections.length, reasons.length);
      reasons.forEach((reason, index) => {
        assert.match(rejections[index]?.reason ?? '', reason);
      });
    }
  });
}

test('launcher: only what the user has set counts as wanted', async () => {
  const set = await resolve(world({}, { interpreter: '/missing' }));
  const found = await resolve(world({ '/usr/bin/python3': [3, 8, 0] }));
  assert.deepEqual(
    [set, found].map(({ rejections }) => rejections.map(({ wanted }) => wanted)),
    [[true], [false]],
  );
});

test('launcher: the same interpreter is probed once', async () => {
  let probes = 0;
  const surroundings = world(
    { '/usr/bin/python3': [3, 8, 0] },
    {
      offered: offering('/usr/bin/python3'),
      probe: () => {
        probes += 1;
        return Promise.resolve({ problem: 'no' });
      },
    },
  );
  await resolve(surroundings);
  assert.equal(probes, 1);
});
