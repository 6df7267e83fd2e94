/** Show two tokens side by side. */

import * as vscode from 'vscode';

import { notify } from '../notify';
import { compare } from '../server/protocol';
import type { Command } from './command';
import { connect } from './connect';
import { pickToken } from './pickToken';

export const compareTokens: Command = {
  id: 'claimlens.compareTokens',
  async run(workbench) {
    const client = await connect(workbench);
    const left = client && (await pickToken(client, vscode.l10n.t('Compare two tokens: the first')));
    const right = left && (await pickToken(client, vscode.l10n.t('Compare two tokens: the second')));
    if (client === undefined || left === undefined || right === undefined) {
      return;
    }
    const answer = await client.sendRequest(compare, { left, right });
    if (answer === null) {
      await notify('information', vscode.l10n.t('That is no token.'));
      return;
    }
    await workbench.reports.show(vscode.l10n.t('Tokens Compared'), answer.report);
  },
};
