/** Turns any number of wishes to restart into as few restarts as possible, one after the other. */
export class RestartQueue {
  #running: Promise<void> | undefined;
  #again = false;

  constructor(private readonly restart: () => Promise<void>) {}

  /**
   * Ask for a restart. The promise settles when a restart that began after this call has ended; it never rejects for
   * somebody else's sake, because `restart` reports its own failures.
   */
  request(): Promise<void> {
    if (this.#running !== undefined) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#drain().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Wait for the restart that is going on, if any. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    for (this.#again = true; this.#again;) {
      this.#again = false;
      await this.restart();
    }
  }
}
