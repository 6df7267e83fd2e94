/** The only place that shows a notification: each says what to do next, and can be told to stay away. */

import * as vscode from 'vscode';

/** A button of a notification. */
export interface Action {
  readonly title: string;
  run(): unknown;
}

/** Show a message with its actions; with `once`, offer never to show this one again and remember the answer. */
export async function notify(
  severity: 'information' | 'warning' | 'error',
  message: string,
  actions: readonly Action[] = [],
  once?: { readonly key: string; readonly memory: vscode.Memento },
): Promise<void> {
  if (once?.memory.get<boolean>(once.key) === true) {
    return;
  }
  const never = vscode.l10n.t("Don't Show Again");
  const titles = [...actions.map((action) => action.title), ...(once === undefined ? [] : [never])];
  const show = {
    information: vscode.window.showInformationMessage,
    warning: vscode.window.showWarningMessage,
    error: vscode.window.showErrorMessage,
  }[severity];
  const chosen = await show(message, ...titles);
  if (once !== undefined && chosen === never) {
    await once.memory.update(once.key, true);
  }
  await actions.find((action) => action.title === chosen)?.run();
}
