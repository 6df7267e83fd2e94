/** Replace tokens by placeholders that keep their kind and length. */

import * as vscode from 'vscode';

import { notify } from '../notify';
import { redact } from '../server/protocol';
import type { RedactParams } from '../server/protocol';
import { clientAndPlace, noTokenHere } from './atCursor';
import type { Place } from './atCursor';
import type { Command, Workbench } from './command';

export const redactToken: Command = {
  id: 'claimlens.redactToken',
  async run(workbench) {
    if (!(await apply(workbench, (place) => place))) {
      await noTokenHere();
    }
  },
};

export const redactFile: Command = {
  id: 'claimlens.redactFile',
  async run(workbench) {
    if (!(await apply(workbench, ({ textDocument }) => ({ textDocument })))) {
      await notify('information', vscode.l10n.t('There are no tokens in this file.'));
    }
  },
};

/** Makes a log fit to be shown: secrets, e-mail addresses and GUIDs go with the tokens. */
export const redactLog: Command = {
  id: 'claimlens.redactLog',
  async run(workbench) {
    if (!(await apply(workbench, ({ textDocument }) => ({ textDocument, everything: true })))) {
      await notify('information', vscode.l10n.t('There is nothing to redact in this file.'));
    }
  },
};

/** Ask for the edit and apply it; false if there was nothing to redact. */
async function apply(workbench: Workbench, params: (place: Place) => RedactParams): Promise<boolean> {
  const found = await clientAndPlace(workbench);
  if (found === undefined) {
    return true;
  }
  const result = await found.client.sendRequest(redact, params(found.place));
  if (!result?.edit || result.count === 0) {
    return false;
  }
  const edit = await found.client.protocol2CodeConverter.asWorkspaceEdit(result.edit);
  if (!(await vscode.workspace.applyEdit(edit))) {
    await notify('warning', vscode.l10n.t('The document could not be changed.'));
  }
  return true;
}
