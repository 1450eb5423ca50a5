import { ROOT } from "./links.js";

/** A call that failed: the server's sentence, or why there is no response. */
export class CallError extends Error {
  constructor(status, code, message, details = [], retryAfter = 0) {
    super(message);
    /** The HTTP status; 0 if there was no response. */
    this.status = status;
    /** The status of the contract, such as NOT_FOUND. */
    this.code = code;
    this.details = details;
    /** Seconds to wait before another try, if the server said so. */
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed later. */
  get isTransient() {
    return this.status === 0 || this.status === 429 || this.status === 503 || this.status === 504;
  }

  /** The reason for programs, such as JOB_NOT_FOUND; empty if there is none. */
  get reason() {
    return this.details.find((detail) => detail.reason)?.reason ?? "";
  }

  /** Reads the error object of a response or of a stream. */
  static of(error, status = error?.code ?? 0, retryAfter = 0) {
    return new CallError(status, error?.status ?? "UNKNOWN", error?.message ?? "", error?.details ?? [], retryAfter);
  }
}

/** Makes the server's calls, as JSON. */
export class Client {
  constructor(session) {
    this.session = session;
  }

  /** Returns the message that a call with parameters returns. */
  get(path, params, signal) {
    return this.#json("GET", path + query(params), undefined, signal);
  }

  /** Returns the message that a call with a body returns. */
  post(path, body, signal) {
    return this.#json("POST", path, body ?? {}, signal);
  }

  /** Deletes what is at a path. */
  delete(path, signal) {
    return this.#json("DELETE", path, undefined, signal);
  }

  /** Makes a call and returns its response, which is of a call that succeeded. */
  async open(method, path, { body, headers, signal } = {}) {
    let response;
    try {
      response = await fetch(new URL(path.slice(1), ROOT), {
        method,
        signal,
        cache: "no-store",
        headers: {
          ...this.session.headers(),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      if (error.name === "AbortError") {
        throw error;
      }
      throw new CallError(0, "UNAVAILABLE", "The server does not respond.");
    }
    if (!response.ok) {
      if (response.status === 401) {
        this.session.refuse();
      }
      throw await failure(response);
    }
    return response;
  }

  async #json(method, path, body, signal) {
    const response = await this.open(method, path, { body, signal });
    return response.json();
  }
}

async function failure(response) {
  const retryAfter = Number(response.headers.get("retry-after")) || 0;
  const text = await response.text().catch(() => "");
  try {
    return CallError.of(JSON.parse(text).error, response.status, retryAfter);
  } catch {
    const message = text.trim() || `The server responded with ${response.status}.`;
    return new CallError(response.status, "UNKNOWN", message, [], retryAfter);
  }
}

function query(params) {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") {
        all.append(name, one);
      }
    }
  }
  const text = all.toString();
  return text && `?${text}`;
}
