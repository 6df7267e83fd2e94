/** What a command is. To add one, write a module like those beside this file and name it in `index.ts`. */

import type * as vscode from 'vscode';

import type { PolicyMarks } from '../policyMarks';
import type { Reports } from '../reports';
import type { Server } from '../server/server';

/** What commands work with. */
export interface Workbench {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly policyMarks: PolicyMarks;
  readonly reports: Reports;
  readonly server: Server;
}

/** A command of the palette, or one that the server's code actions and lenses name. */
export interface Command {
  readonly id: `claimlens.${string}`;
  run(workbench: Workbench, ...args: unknown[]): Promise<void>;
}
