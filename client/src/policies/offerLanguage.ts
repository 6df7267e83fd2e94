/** Offers to treat a policy that is open as XML as what it is: once in a window, and never again if the user says so. */

import * as vscode from 'vscode';

import { notify } from '../notify';
import { isPolicy } from './recognise';

/** The language that package.json contributes. */
export const POLICY_LANGUAGE = 'apim-policy';

const MEMORY_KEY = 'policies.keepLanguage';

/** Watch the active editor; stops when disposed. Documents in any other language than XML are left alone. */
export function offerPolicyLanguage(memory: vscode.Memento): vscode.Disposable {
  let offered = false;
  const look = (editor: vscode.TextEditor | undefined): void => {
    if (offered || editor?.document.languageId !== 'xml' || !isPolicy(editor.document.getText())) {
      return;
    }
    offered = true;
    const { document } = editor;
    const action = {
      title: vscode.l10n.t('Switch Language'),
      run: () => vscode.languages.setTextDocumentLanguage(document, POLICY_LANGUAGE),
    };
    const message = vscode.l10n.t(
      'This is an API Management policy. As such it has colours for its expressions, tags that close themselves and formatting that leaves code alone.',
    );
    void notify('information', message, [action], { key: MEMORY_KEY, memory });
  };
  look(vscode.window.activeTextEditor);
  return vscode.window.onDidChangeActiveTextEditor(look);
}
