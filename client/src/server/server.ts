/** The server's life: started when first needed, restarted on demand, left alone when it keeps crashing. */

import * as vscode from 'vscode';
import { DidChangeConfigurationNotification, State } from 'vscode-languageclient/node';
import type { LanguageClient } from 'vscode-languageclient/node';

import type { Launch, Resolution } from '../python/resolve';
import { LAUNCH_SETTINGS, SECTION, userSettings } from '../settings';
import { makeClient } from './client';
import { CrashLimit } from './crashLimit';
import { didChangeUserSettings } from './protocol';
import { RestartQueue } from './restartQueue';

/** The server does not run and is not started again by itself. */
export interface Failure {
  readonly kind: 'failed';
  readonly reason: string;
  /** Set if no program was found to run it with. */
  readonly resolution?: Resolution;
}

/** What the status and the diagnostic information show. */
export type ServerState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly launch: Launch; readonly version: string }
  | Failure;

/** How long a server may take to end by itself before it is killed. */
const STOP_MILLISECONDS = 2_000;

/** One server per window, and the client that talks to it. */
export class Server implements vscode.Disposable {
  #client: LanguageClient | undefined;
  #state: ServerState = { kind: 'idle' };
  #wanted = false;
  readonly #stateChanged = new vscode.EventEmitter<ServerState>();
  readonly #crashes = new CrashLimit();
  readonly #queue = new RestartQueue(() => this.#restart());
  readonly #subscriptions: { dispose(): unknown }[];

  /** Fires after each change of `state`. */
  readonly onDidChangeState = this.#stateChanged.event;

  constructor(
    private readonly folder: string,
    private readonly log: vscode.LogOutputChannel,
    private readonly memory: vscode.Memento,
    private readonly findProgram: () => Promise<Resolution>,
  ) {
    this.#subscriptions = [
      this.#stateChanged,
      vscode.workspace.onDidChangeConfiguration((event) => {
        this.#configurationChanged(event);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        if (this.#state.kind === 'failed') {
          void this.restart();
        } else if (this.#client?.isRunning() === true) {
          void this.#client.sendNotification(didChangeUserSettings, userSettings(this.memory));
        }
      }),
    ];
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Return the running client; start the server if it was never wanted before. Undefined if it cannot run. */
  async ready(): Promise<LanguageClient | undefined> {
    if (!this.#wanted) {
      this.#wanted = true;
      void this.#queue.request();
    }
    await this.#queue.settled();
    const client = this.#client;
    if (this.#state.kind === 'starting') {
      await client?.start().catch(() => undefined); // the start after a crash; its failure is in the state
    }
    return client?.isRunning() === true ? client : undefined;
  }

  /** Stop the server if it runs, and start it; whatever it did before is forgotten. */
  async restart(): Promise<void> {
    this.#wanted = true;
    this.#crashes.reset();
    await this.#queue.request();
  }

  /** Stop the server for good. */
  async stop(): Promise<void> {
    await this.#stopClient();
    this.#become({ kind: 'idle' });
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
    void this.#stopClient();
  }

  /** One turn of the restart queue. It never rejects: what went wrong becomes the state. */
  async #restart(): Promise<void> {
    this.#become({ kind: 'starting' });
    await this.#stopClient();
    const resolution = await this.findProgram();
    for (const rejection of resolution.rejections) {
      this.log.info(`Not used: ${rejection.candidate}: ${rejection.reason}`);
    }
    if (resolution.launch === undefined) {
      this.#become({ kind: 'failed', reason: vscode.l10n.t('No suitable Python was found'), resolution });
      return;
    }
    this.log.info(`Starting the server with ${resolution.launch.description}`);
    await this.#startClient(resolution.launch);
  }

  async #startClient(launch: Launch): Promise<void> {
    const client = makeClient(launch, this.folder, this.log, this.memory, () => this.#crashed());
    this.#client = client;
    client.onDidChangeState(({ newState }) => {
      if (client === this.#client && newState === State.Running) {
        const version = client.initializeResult?.serverInfo?.version ?? '';
        this.#become({ kind: 'running', launch, version });
      }
    });
    try {
      await client.start();
    } catch (error) {
      this.log.error(`The server could not be started: ${String(error)}`);
      this.#fail(vscode.l10n.t('The server could not be started'));
    }
  }

  async #stopClient(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client?.needsStop() !== true) {
      return;
    }
    try {
      await client.dispose(STOP_MILLISECONDS);
    } catch (error) {
      this.log.warn(`The server did not stop by itself: ${String(error)}`);
    }
  }

  /** Decide what follows an unexpected end: one that comes before the server ever ran would only come again. */
  #crashed(): boolean {
    if (this.#state.kind !== 'running') {
      this.#fail(vscode.l10n.t('The server could not be started'));
      return false;
    }
    if (!this.#crashes.mayRestart(Date.now())) {
      this.#fail(vscode.l10n.t('The server keeps crashing'));
      return false;
    }
    this.log.warn('The server ended unexpectedly and is started again');
    this.#become({ kind: 'starting' });
    return true;
  }

  #fail(reason: string): void {
    if (this.#state.kind !== 'failed') {
      this.log.error(reason);
      this.#become({ kind: 'failed', reason });
    }
  }

  #configurationChanged(event: vscode.ConfigurationChangeEvent): void {
    if (!this.#wanted || !event.affectsConfiguration(SECTION)) {
      return;
    }
    if (LAUNCH_SETTINGS.some((setting) => event.affectsConfiguration(setting))) {
      void this.restart();
      return;
    }
    const client = this.#client;
    if (client?.isRunning() !== true) {
      return;
    }
    if (event.affectsConfiguration(`${SECTION}.network`)) {
      void client.sendNotification(didChangeUserSettings, userSettings(this.memory));
    }
    void client.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  }

  #become(state: ServerState): void {
    this.#state = state;
    this.#stateChanged.fire(state);
  }
}
