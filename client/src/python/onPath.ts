/** Looks programs up on the PATH ourselves: the system's own search may begin in the current folder. */

import * as path from 'node:path';

/** Return every `program` in the absolute folders of the PATH, in their order. */
export function onPath(
  program: string,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  exists: (file: string) => boolean,
): readonly string[] {
  const flavour = platform === 'win32' ? path.win32 : path.posix;
  const name = platform === 'win32' ? `${program}.exe` : program;
  const variable = Object.keys(environment).find((key) =>
    platform === 'win32' ? key.toUpperCase() === 'PATH' : key === 'PATH',
  );
  const folders = (variable === undefined ? '' : (environment[variable] ?? '')).split(flavour.delimiter);
  return folders
    .filter((folder) => flavour.isAbsolute(folder))
    .map((folder) => flavour.join(folder, name))
    .filter(exists);
}
