/** Says when a server that keeps crashing should be left alone. */
export class CrashLimit {
  #crashes: number[] = [];

  constructor(
    private readonly most = 4,
    private readonly withinMilliseconds = 3 * 60 * 1000,
  ) {}

  /** Record a crash at `now` (milliseconds) and tell whether another start is worth it. */
  mayRestart(now: number): boolean {
    this.#crashes = this.#crashes.filter((crash) => now - crash < this.withinMilliseconds);
    this.#crashes.push(now);
    return this.#crashes.length <= this.most;
  }

  /** Forget the past, as when the user asks for a restart. */
  reset(): void {
    this.#crashes = [];
  }
}
