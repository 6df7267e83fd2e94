/** How commands get at the server, and what the user is told when they cannot. */

import type { LanguageClient } from 'vscode-languageclient/node';

import { tellWhy } from '../tellWhy';
import type { Workbench } from './command';

/** Return the running client, starting the server if need be; undefined after saying why there is none. */
export async function connect({ server, log }: Workbench): Promise<LanguageClient | undefined> {
  const before = server.state;
  const client = await server.ready();
  const { state } = server;
  // A new failure has been told already, when it happened.
  if (client === undefined && state.kind === 'failed' && state === before) {
    await tellWhy(state, server, log);
  }
  return client;
}
