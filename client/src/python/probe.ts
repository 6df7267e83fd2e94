/** Asks a command what Python it is. */

import { execFile } from 'node:child_process';
import type { ExecFileException } from 'node:child_process';

import type { Candidate, Probe } from './resolve';

/** The stand-ins of Windows and macOS that offer to install Python answer late or not at all. */
const PROBE_MILLISECONDS = 3_000;

const QUESTION = 'import sys; print(sys.executable); print(*sys.version_info[:3])';

/** Run the candidate in `folder` with an empty program; never rejects. */
export async function probe(candidate: Candidate, folder: string): Promise<Probe> {
  return new Promise((done) => {
    const args = [...candidate.args, '-I', '-S', '-X', 'utf8', '-c', QUESTION];
    const options = { cwd: folder, timeout: PROBE_MILLISECONDS, windowsHide: true };
    execFile(candidate.command, args, options, (error, stdout) => {
      done(error === null ? read(stdout) : { problem: explain(error) });
    });
  });
}

/** Read the answer to `QUESTION`. */
export function read(answer: string): Probe {
  const [executable, numbers] = answer.split(/\r?\n/);
  const version = /^(\d+) (\d+) (\d+)$/.exec(numbers ?? '');
  if (executable === undefined || version === null) {
    return { problem: 'does not answer as Python does' };
  }
  return { executable, version: [Number(version[1]), Number(version[2]), Number(version[3])] };
}

function explain(error: ExecFileException): string {
  if (error.killed === true) {
    return `no answer within ${String(PROBE_MILLISECONDS / 1000)} s`;
  }
  return `cannot be started (${String(error.code ?? error.signal)})`;
}
