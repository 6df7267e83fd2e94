/** The text for bug reports. It holds versions, paths of programs and counts, nothing of any document. */

import type { StatusResult } from './server/protocol';
import type { ServerState } from './server/server';

/** What the text is made of. */
export interface Situation {
  readonly extension: string;
  readonly editor: string;
  readonly remote: string | undefined;
  readonly platform: string;
  readonly trusted: boolean;
  readonly state: ServerState;
  readonly answer: StatusResult | undefined;
}

/** Write the situation down, one fact a line. */
export function diagnosticInformation(situation: Situation): string {
  const { state, answer } = situation;
  const lines = [
    `Claimlens ${situation.extension}`,
    `Editor: ${situation.editor}${situation.remote === undefined ? '' : ` (remote: ${situation.remote})`}`,
    `Platform: ${situation.platform}`,
    `Workspace trusted: ${situation.trusted ? 'yes' : 'no'}`,
    `Server: ${state.kind}`,
  ];
  if (state.kind === 'running') {
    lines.push(`Started with: ${state.launch.description}`);
  }
  if (state.kind === 'failed') {
    lines.push(`Reason: ${state.reason}`);
    const rejections = state.resolution?.rejections ?? [];
    lines.push(...rejections.map(({ candidate, reason }) => `Not used: ${candidate}: ${reason}`));
  }
  if (answer !== undefined) {
    lines.push(`Server version: ${answer.version}, Python ${answer.python}`);
    lines.push(`Open documents: ${String(answer.documents)}, tokens: ${String(answer.tokens)}`);
    lines.push(...answer.notes);
  }
  return lines.join('\n') + '\n';
}
