/** The interpreters that Python extensions have chosen. They are asked only if installed and already running. */

import * as vscode from 'vscode';

import type { Candidate } from './resolve';

/** The part of the Python extension's interface that is used. */
interface PythonApi {
  environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: {
      path: string;
    }): Promise<{ executable: { uri?: vscode.Uri | undefined } } | undefined>;
  };
}

/** The part of the Python Environments extension's interface that is used. */
interface EnvironmentsApi {
  getEnvironment?(scope?: vscode.Uri): Promise<{ execInfo?: { run?: { executable?: string } } } | undefined>;
}

/** Ask each extension; one that fails is passed over. */
export async function offeredInterpreters(log: vscode.LogOutputChannel): Promise<readonly Candidate[]> {
  const candidates: Candidate[] = [];
  for (const [id, ask] of [
    ['ms-python.vscode-python-envs', fromEnvironments],
    ['ms-python.python', fromPython],
  ] as const) {
    const extension = vscode.extensions.getExtension<unknown>(id);
    if (extension?.isActive !== true) {
      continue;
    }
    try {
      const command = await ask(extension.exports);
      if (command !== undefined) {
        candidates.push({ command, args: [], source: id });
      }
    } catch (error) {
      log.warn(`${id} could not be asked for its interpreter: ${String(error)}`);
    }
  }
  return candidates;
}

async function fromEnvironments(api: unknown): Promise<string | undefined> {
  const environment = await (api as EnvironmentsApi | undefined)?.getEnvironment?.(firstFolder());
  return environment?.execInfo?.run?.executable;
}

async function fromPython(api: unknown): Promise<string | undefined> {
  const environments = (api as PythonApi | undefined)?.environments;
  if (environments === undefined) {
    return undefined;
  }
  const active = environments.getActiveEnvironmentPath(firstFolder());
  return (await environments.resolveEnvironment(active))?.executable.uri?.fsPath;
}

function firstFolder(): vscode.Uri | undefined {
  return vscode.workspace.workspaceFolders?.[0]?.uri;
}
