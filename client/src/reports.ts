/** Shows reports as read-only documents. They hold claims, so they are kept in memory only, while they are open. */

import * as vscode from 'vscode';

const SCHEME = 'claimlens';

/** The documents of scheme `claimlens:`. */
export class Reports implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #subscription: vscode.Disposable;
  #count = 0;

  constructor() {
    this.#subscription = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? vscode.l10n.t('This report is no longer available.');
  }

  /** Show Markdown, rendered where the editor can. `name` is ours, never a value of a token. */
  async show(name: string, markdown: string): Promise<void> {
    const uri = this.#keep(`${name}.md`, markdown);
    try {
      await vscode.commands.executeCommand('markdown.showPreview', uri);
    } catch {
      await vscode.window.showTextDocument(uri, { preview: true });
    }
  }

  /** Show JSON as text. `name` is ours. */
  async showJson(name: string, text: string): Promise<void> {
    await vscode.window.showTextDocument(this.#keep(`${name}.json`, text), { preview: true });
  }

  #keep(name: string, text: string): vscode.Uri {
    this.#count += 1;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: String(this.#count) });
    this.#texts.set(uri.toString(), text);
    return uri;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#texts.clear();
  }
}
