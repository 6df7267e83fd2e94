/** Decode a token and show all that is known about it. */

import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

import { notify } from '../notify';
import { decode } from '../server/protocol';
import type { DecodeParams } from '../server/protocol';
import { clientAndPlace, noTokenHere } from './atCursor';
import { connect } from './connect';
import type { Command, Workbench } from './command';

export const decodeTokenAtCursor: Command = {
  id: 'claimlens.decodeTokenAtCursor',
  async run(workbench) {
    const found = await clientAndPlace(workbench);
    if (found !== undefined && !(await show(workbench, found.client, found.place))) {
      await noTokenHere();
    }
  },
};

export const decodeClipboard: Command = {
  id: 'claimlens.decodeClipboard',
  async run(workbench) {
    const text = await vscode.env.clipboard.readText();
    const client = await connect(workbench);
    if (client !== undefined && !(await show(workbench, client, { text }))) {
      await notify('information', vscode.l10n.t('There is no token in the clipboard.'));
    }
  },
};

/** Named by the server's code lenses and code actions. */
export const showToken: Command = {
  id: 'claimlens.showToken',
  async run(workbench, params) {
    const client = await connect(workbench);
    if (client !== undefined) {
      await show(workbench, client, params as DecodeParams);
    }
  },
};

async function show(workbench: Workbench, client: LanguageClient, params: DecodeParams): Promise<boolean> {
  const result = await client.sendRequest(decode, params);
  if (result === null) {
    return false;
  }
  await workbench.reports.show(vscode.l10n.t('Token'), result.report);
  return true;
}
