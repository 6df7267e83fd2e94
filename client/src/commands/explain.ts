/** Say why a token is rejected. */

import * as vscode from 'vscode';

import { followable } from '../links';
import { notify } from '../notify';
import { explain } from '../server/protocol';
import type { ExplainParams } from '../server/protocol';
import { clientAndPlace } from './atCursor';
import type { Place } from './atCursor';
import type { Command } from './command';
import { connect } from './connect';
import { pickToken } from './pickToken';

/** Named by the server's code actions, with a place; without one the cursor's is meant. */
export const explainRejection: Command = {
  id: 'claimlens.explainRejection',
  async run(workbench, given) {
    const found = given === undefined ? await clientAndPlace(workbench) : { place: given as Place };
    const client = await connect(workbench);
    if (found === undefined || client === undefined) {
      return;
    }
    const ask = async (params: ExplainParams) => client.sendRequest(explain, params);
    let answer = await ask(found.place);
    if (answer !== null && !answer.hasToken && answer.causes.length === 0) {
      // Nothing speaks yet; the token is what is missing.
      const token = await pickToken(client, vscode.l10n.t('Explain why a token is rejected'));
      if (token === undefined) {
        return;
      }
      answer = await ask('text' in token ? { ...found.place, ...token } : token);
    }
    if (answer === null) {
      await notify('information', vscode.l10n.t('There is nothing to explain in this document.'));
      return;
    }
    await workbench.reports.show(vscode.l10n.t('Why Rejected'), followable(answer.report));
  },
};
