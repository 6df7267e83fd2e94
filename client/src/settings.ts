/** Reads the settings that concern the client. */

import * as vscode from 'vscode';

/** The settings' prefix, which is also the name of the section the server asks for. */
export const SECTION = 'claimlens';

/** Settings that only the user's own settings may hold. */
const NETWORK_SETTINGS = ['allowedHosts', 'offline', 'proxy', 'caFile'] as const;

/** What starts another program when changed. */
export const LAUNCH_SETTINGS: readonly string[] = [`${SECTION}.server.path`, `${SECTION}.server.interpreter`];

/**
 * The user's own value of a setting, whatever a workspace says. VS Code refuses workspace values for the settings this
 * is used for; this does not rely on that.
 */
export function userLevel(name: string): unknown {
  return vscode.workspace.getConfiguration(SECTION).inspect(name)?.globalValue;
}

/** The user's own network settings, as the server wants them. */
export function networkSettings(): Record<string, unknown> {
  const entries = NETWORK_SETTINGS.map((name) => [name, userLevel(`network.${name}`)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Leave out what the server does not take from here: it has the network settings already, and starts nothing. */
export function forServer(section: unknown): unknown {
  if (typeof section !== 'object' || section === null) {
    return section;
  }
  return Object.fromEntries(Object.entries(section).filter(([key]) => key !== 'network' && key !== 'server'));
}
