/** Turns any number of wishes to restart into as few restarts as possible, one after the other. */
export class RestartQueue {
  #running: Promise<void> | undefined;
  #wishes = 0;

  constructor(private readonly restart: () => Promise<void>) {}

  /** Ask for a restart. The promise settles when one that began after this call has ended. */
  request(): Promise<void> {
    this.#wishes += 1;
    this.#running ??= this.#drain();
    return this.#running;
  }

  /** Wait for the restart that is going on, if any. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#wishes > 0) {
        this.#wishes = 0;
        await this.restart();
      }
    } finally {
      this.#running = undefined;
    }
  }
}
