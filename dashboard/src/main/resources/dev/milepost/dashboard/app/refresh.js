/**
 * Reads again at an interval, while it is seen, what has no stream. The element has a method
 * `refresh(signal)`.
 */
export class Refresh {
  #host;
  #interval;
  #timer = 0;
  #abort = null;

  constructor(host, intervalMs) {
    this.#host = host;
    this.#interval = intervalMs;
    host.addController(this);
  }

  hostConnected() {
    this.#abort = new AbortController();
    document.addEventListener("visibilitychange", this.#seen);
    queueMicrotask(() => this.#run());
  }

  hostDisconnected() {
    this.#abort.abort();
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#seen);
  }

  /** Reads at once, and then at the interval again. */
  now() {
    clearTimeout(this.#timer);
    if (this.#abort && !this.#abort.signal.aborted) {
      this.#run();
    }
  }

  #seen = () => {
    clearTimeout(this.#timer);
    if (!document.hidden) {
      this.#run();
    }
  };

  async #run() {
    const { signal } = this.#abort;
    await this.#host.refresh(signal);
    if (!signal.aborted && !document.hidden) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#run(), this.#interval);
    }
  }
}
