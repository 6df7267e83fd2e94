/** How commands get at the server, and what the user is told when they cannot. */

import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

import { tellNoPython } from '../noPython';
import { notify } from '../notify';
import type { Workbench } from './command';

/** Return the running client, starting the server if need be; undefined after saying why there is none. */
export async function connect({ server, log }: Workbench): Promise<LanguageClient | undefined> {
  const before = server.state;
  const client = await server.ready();
  const { state } = server;
  if (client !== undefined || state.kind !== 'failed') {
    return client;
  }
  if (state.resolution === undefined) {
    await notify('error', `Claimlens: ${state.reason}.`, [
      { title: vscode.l10n.t('Restart'), run: () => server.restart() },
      {
        title: vscode.l10n.t('Show Output'),
        run: () => {
          log.show();
        },
      },
    ]);
  } else if (state === before) {
    await tellNoPython(state.resolution, log); // a new failure has told by itself
  }
  return undefined;
}
