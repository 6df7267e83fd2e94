/** Shows behind each error code or message what it means, or stops doing so. */

import * as vscode from 'vscode';

import { SECTION } from '../settings';
import type { Command } from './command';
import { connect } from './connect';

const SETTING = 'inlayHints.errors';

export const toggleErrorHints: Command = {
  id: 'claimlens.toggleErrorHints',
  async run(workbench) {
    const scope = vscode.window.activeTextEditor?.document.uri;
    const settings = vscode.workspace.getConfiguration(SECTION, scope);
    const shown = settings.get<boolean>(SETTING, false);
    await settings.update(SETTING, !shown, levelOf(settings));
    await connect(workbench);
  },
};

/** The level whose value holds here: changing another one would change nothing. */
function levelOf(settings: vscode.WorkspaceConfiguration): vscode.ConfigurationTarget {
  const values = settings.inspect(SETTING);
  if (values?.workspaceFolderValue !== undefined) {
    return vscode.ConfigurationTarget.WorkspaceFolder;
  }
  return values?.workspaceValue === undefined
    ? vscode.ConfigurationTarget.Global
    : vscode.ConfigurationTarget.Workspace;
}
