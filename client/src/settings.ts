/** Reads the settings that concern the client. */

import * as vscode from 'vscode';

import type { UserSettings } from './server/protocol';

/** The settings' prefix, which is also the name of the section the server asks for. */
export const SECTION = 'claimlens';

/** Settings that only the user's own settings may hold. */
const NETWORK_SETTINGS = ['allowedHosts', 'offline', 'proxy', 'caFile'] as const;

/** Where the workspace's state holds the hosts that were allowed for it. */
const HOSTS = 'network.allowedHosts';

/** What starts another program when changed. */
export const LAUNCH_SETTINGS: readonly string[] = [`${SECTION}.server.path`, `${SECTION}.server.interpreter`];

/**
 * The user's own value of a setting, whatever a workspace says. VS Code refuses workspace values for the settings this
 * is used for; this does not rely on that.
 */
export function userLevel(name: string): unknown {
  return vscode.workspace.getConfiguration(SECTION).inspect(name)?.globalValue;
}

/** The user's own network settings and whether the workspace is trusted, as the server wants them. */
export function userSettings(memory: vscode.Memento): UserSettings {
  const entries = NETWORK_SETTINGS.map((name) => [name, userLevel(`network.${name}`)] as const);
  const set = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  const remembered = hostsAllowedHere(memory);
  const allowed = userLevel('network.allowedHosts');
  const allowedHosts = [...(Array.isArray(allowed) ? (allowed as unknown[]) : []), ...remembered];
  const network = remembered.length === 0 ? set : { ...set, allowedHosts };
  return { network, trusted: vscode.workspace.isTrusted };
}

/** Keep a host that the user allowed for this workspace: in the user's own state, never in the folder. */
export async function rememberHost(memory: vscode.Memento, host: string): Promise<void> {
  await memory.update(HOSTS, [...new Set([...hostsAllowedHere(memory), host])]);
}

function hostsAllowedHere(memory: vscode.Memento): readonly string[] {
  return memory.get<readonly string[]>(HOSTS, []);
}

/** Leave out what the server does not take from here: it has the network settings already, and starts nothing. */
export function forServer(section: unknown): unknown {
  if (typeof section !== 'object' || section === null) {
    return section;
  }
  return Object.fromEntries(Object.entries(section).filter(([key]) => key !== 'network' && key !== 'server'));
}
