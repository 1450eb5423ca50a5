import { CallError } from "./client.js";
import { EventParser } from "./event-parser.js";

const MIN_WAIT_MS = 500;
const MAX_WAIT_MS = 15_000;

/** The server says something at least every 15 s: after this, the connection is dead. */
const SILENCE_TIMEOUT_MS = 40_000;

/** A tab that nobody has looked at for so long needs no connection, of which a browser has few. */
const HIDDEN_TIMEOUT_MS = 60_000;

/**
 * Follows a stream of the server by server-sent events. If it breaks, it reconnects and resumes after
 * the last position; what was received stays.
 *
 * `receive(name, message)` gets each message. `become(state, error)` gets "connecting", "live",
 * "reconnecting", "refused" (until there is another credential), "paused" (the tab is hidden), "ended"
 * (complete) and "failed" (a retry would not help). `restart()` is called if
 * the position is no longer valid: what was received must be forgotten.
 */
export class Stream {
  #client;
  #request;
  #handlers;
  #abort = new AbortController();
  #position = null;
  #failures = 0;
  #hidden = 0;
  #pause = new AbortController();

  constructor(client, request, handlers) {
    this.#client = client;
    this.#request = request;
    this.#handlers = handlers;
  }

  /** Begins, and returns itself. */
  start() {
    document.addEventListener("visibilitychange", this.#seen, { signal: this.#abort.signal });
    this.#seen();
    this.#run();
    return this;
  }

  /** Ends the stream. Nothing is called afterwards. */
  close() {
    clearTimeout(this.#hidden);
    this.#abort.abort();
  }

  #seen = () => {
    clearTimeout(this.#hidden);
    if (document.hidden) {
      this.#hidden = setTimeout(() => this.#pause.abort(), HIDDEN_TIMEOUT_MS);
    } else if (this.#isPaused) {
      this.#pause = new AbortController();
    }
  };

  /** Waits until the tab is seen again. */
  #untilSeen() {
    return new Promise((resolve) => {
      document.addEventListener("visibilitychange", resolve, { once: true, signal: this.#abort.signal });
      this.#abort.signal.addEventListener("abort", resolve, { once: true });
    });
  }

  async #run() {
    this.#become("connecting");
    while (!this.#isClosed) {
      if (this.#isPaused) {
        this.#become("paused");
        await this.#untilSeen();
        this.#failures = 0;
        continue;
      }
      let error;
      try {
        if (await this.#follow()) {
          this.#become("ended");
          return;
        }
        error = new CallError(0, "UNAVAILABLE", "The connection was lost.");
      } catch (thrown) {
        error = thrown instanceof CallError ? thrown : new CallError(0, "UNAVAILABLE", "The connection was lost.");
      }
      if (this.#isClosed) {
        return;
      }
      if (this.#isPaused) {
        continue;
      }
      if (error.code === "OUT_OF_RANGE" && this.#handlers.restart) {
        this.#position = null;
        this.#handlers.restart();
      } else if (error.code === "UNAUTHENTICATED" && this.#client.session.refuse()) {
        this.#become("refused", error);
        await this.#client.session.renewed(this.#abort.signal);
        this.#become("reconnecting", error);
        continue;
      } else if (!error.isTransient) {
        this.#become("failed", error);
        return;
      }
      this.#become("reconnecting", error);
      await this.#wait(error.retryAfter * 1000);
    }
  }

  /** Returns whether the stream is complete; false if the connection ended before that. */
  async #follow() {
    const connection = new AbortController();
    const close = () => connection.abort();
    this.#abort.signal.addEventListener("abort", close);
    this.#pause.signal.addEventListener("abort", close);
    let silence = setTimeout(close, SILENCE_TIMEOUT_MS);
    try {
      const { method, path, body } = this.#request;
      const response = await this.#client.open(method, path, {
        body,
        signal: connection.signal,
        headers: {
          accept: "text/event-stream",
          ...(this.#position === null ? {} : { "last-event-id": this.#position }),
        },
      });
      const parser = new EventParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          return false;
        }
        clearTimeout(silence);
        silence = setTimeout(close, SILENCE_TIMEOUT_MS);
        for (const event of parser.push(value)) {
          if (event.name === "end") {
            return true;
          }
          if (event.name === "error") {
            throw CallError.of(JSON.parse(event.data).error);
          }
          this.#receive(event);
        }
      }
    } finally {
      clearTimeout(silence);
      this.#abort.signal.removeEventListener("abort", close);
      connection.abort();
    }
  }

  #receive(event) {
    if (this.#isClosed || this.#isPaused) {
      return;
    }
    this.#failures = 0;
    this.#become("live");
    this.#handlers.receive(event.name, JSON.parse(event.data));
    if (event.id) {
      this.#position = event.id;
    }
  }

  #state = "";

  #become(state, error) {
    if (!this.#isClosed && state !== this.#state) {
      this.#state = state;
      this.#handlers.become(state, error);
    }
  }

  get #isPaused() {
    return this.#pause.signal.aborted;
  }

  get #isClosed() {
    return this.#abort.signal.aborted;
  }

  /** Waits longer after each failure, at random, so that clients do not return all at once. */
  #wait(minimum) {
    const backoff = Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** this.#failures);
    this.#failures++;
    const time = Math.max(minimum, backoff * (0.5 + Math.random() / 2));
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time);
      this.#abort.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
