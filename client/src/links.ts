/** Makes the links of the server's reports work in a Markdown preview. */

import * as vscode from 'vscode';

/** A link to a line of a file, as the server writes it; its text holds no bracket. */
const FILE_LINK = /\[([^[\]]*)\]\(<(file:[^>]*)#L(\d+)>\)/g;

/**
 * Turn links to files into ones that the preview follows: it takes no `file:` URIs, but paths in the first folder of
 * the workspace. What lies elsewhere is named without a link.
 */
export function followable(report: string): string {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.path;
  return report.replace(FILE_LINK, (_, words: string, uri: string, line: string) => {
    const { path } = vscode.Uri.parse(uri);
    if (root === undefined || !path.startsWith(`${root}/`)) {
      return words;
    }
    const inside = path.slice(root.length).split('/').map(encodeURIComponent).join('/');
    return `[${words}](<${inside}#L${line}>)`;
  });
}
