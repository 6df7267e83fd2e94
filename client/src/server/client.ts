/** The connection to one server process. */

import type * as vscode from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn } from 'vscode-languageclient/node';
import type { ErrorHandler, LanguageClientOptions, Middleware } from 'vscode-languageclient/node';

import { SECTION, forServer, rememberHost, userSettings } from '../settings';
import type { Launch } from '../python/resolve';
import { isServed } from './documents';
import { hostAllowed } from './protocol';

/** The client commands of docs/protocol.md that this extension carries out. */
const CLIENT_COMMANDS = [
  'claimlens.copy',
  'claimlens.showToken',
  'claimlens.explainRejection',
  'claimlens.getToken',
  'claimlens.insertValidationCode',
  'claimlens.queryForToken',
  'claimlens.testPolicy',
  'claimlens.testToken',
  'claimlens.verifyToken',
  'claimlens.showIssuerMetadata',
  'claimlens.checkWithKeyFile',
  'claimlens.checkWithSecret',
] as const;

/**
 * A language client that keeps to itself. Its trace never holds the text of a message: documents and hovers are full
 * of tokens. Its errors go to the log; what the user has to know is said by the status and by `notify`.
 */
class QuietClient extends LanguageClient {
  override trace(message: string): void {
    super.trace(message);
  }

  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/**
 * Make a client for the launch; `folder` becomes the working directory, never the opened folder. `crashed` is told of
 * each unexpected end and says whether to start again.
 */
export function makeClient(
  launch: Launch,
  folder: string,
  log: vscode.LogOutputChannel,
  memory: vscode.Memento,
  crashed: () => boolean,
): LanguageClient {
  const options: LanguageClientOptions = {
    documentSelector: ['*'],
    outputChannel: log,
    traceOutputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: () => ({ commands: CLIENT_COMMANDS, remembersHosts: true, ...userSettings(memory) }),
    // The reason is in the log and in the status; a failing server has nothing to say in a pop-up.
    initializationFailedHandler: () => false,
    errorHandler: errorHandler(crashed),
    middleware: middleware(),
  };
  const executable = { command: launch.command, args: [...launch.args], options: { cwd: folder } };
  const client = new QuietClient('claimlens', 'Claimlens', executable, options);
  client.onNotification(hostAllowed, ({ host }) => rememberHost(memory, host));
  return client;
}

function errorHandler(crashed: () => boolean): ErrorHandler {
  return {
    error: () => ({ action: ErrorAction.Continue, handled: true }),
    closed: () => ({ action: crashed() ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true }),
  };
}

function middleware(): Middleware {
  return {
    didOpen: async (document, next) => {
      if (isServed(document)) {
        await next(document);
      }
    },
    didChange: async (event, next) => {
      if (isServed(event.document)) {
        await next(event);
      }
    },
    didClose: async (document, next) => {
      if (isServed(document)) {
        await next(document);
      }
    },
    // decorations.ts colours tokens instead
    provideDocumentSemanticTokens: () => null,
    provideDocumentRangeSemanticTokens: () => null,
    workspace: {
      configuration: async (params, token, next) => {
        const sections = await next(params, token);
        const isOurs = (index: number): boolean => params.items[index]?.section === SECTION;
        return Array.isArray(sections)
          ? sections.map((each: unknown, index) => (isOurs(index) ? forServer(each) : each))
          : sections;
      },
    },
  };
}
