/** Put parts of a token on the clipboard. */

import * as vscode from 'vscode';

import { claims } from '../server/protocol';
import type { ClaimsParams } from '../server/protocol';
import { clientAndPlace, noTokenHere } from './atCursor';
import { connect } from './connect';
import type { Command } from './command';

export const copyClaims: Command = {
  id: 'claimlens.copyClaims',
  async run(workbench) {
    const found = await clientAndPlace(workbench);
    if (found === undefined) {
      return;
    }
    const result = await found.client.sendRequest(claims, { ...found.place, part: 'payload' });
    await (result === null ? noTokenHere() : copy(result.text, vscode.l10n.t('Claims copied')));
  },
};

/** Named by the server's code actions. */
export const copyPart: Command = {
  id: 'claimlens.copy',
  async run(workbench, params) {
    const client = await connect(workbench);
    const result = await client?.sendRequest(claims, params as ClaimsParams);
    if (result) {
      await copy(result.text, vscode.l10n.t('Copied'));
    }
  },
};

async function copy(text: string, said: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(`$(check) ${said}`, 3_000);
}
