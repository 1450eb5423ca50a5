// Who the caller is: kept for the session of the tab, and never longer.

const KEY = "milepost.identity";
const POWERS = ["ADMIN", "OPERATOR", "USER"];
const DEVELOPER = { user: "developer", tenant: "default", roles: ["USER", "OPERATOR"] };

/**
 * The caller's identity. In development the server believes a name; otherwise it needs a token.
 * Sends "change" when the identity is another one.
 */
export class Session extends EventTarget {
  /** @param site the server's description of itself, from site.json */
  constructor(site, storage) {
    super();
    this.site = site;
    this.storage = storage;
    this.identity = read(storage) ?? (site.development ? DEVELOPER : null);
    /** What the server lets the caller do; null until `discover` has asked. */
    this.power = null;
    /** Whether the server no longer accepts the credential, which it did before. */
    this.isRefused = false;
  }

  /** Returns the headers that prove the identity. */
  headers() {
    const identity = this.identity;
    if (!identity) {
      return {};
    }
    if (identity.token) {
      return { authorization: `Bearer ${identity.token}` };
    }
    return {
      "x-milepost-user": identity.user,
      "x-milepost-tenant": identity.tenant,
      "x-milepost-roles": identity.roles.join(","),
    };
  }

  /**
   * The server no longer accepts the credential: sends "refused", once. What is shown stays. Returns
   * whether another credential can be waited for: not by those who never had one.
   */
  refuse() {
    if (this.power && !this.isRefused) {
      this.isRefused = true;
      this.dispatchEvent(new Event("refused"));
    }
    return this.isRefused;
  }

  /** Waits for a credential in place of the one that was refused, or for the signal. */
  async renewed(signal) {
    while (this.isRefused && !signal.aborted) {
      await new Promise((resolve) => {
        this.addEventListener("renewed", resolve, { once: true, signal });
        signal.addEventListener("abort", resolve, { once: true });
      });
    }
  }

  /**
   * Goes on with another token, where the last one left off if it is the same caller's. Sends
   * "renewed", or "change" if the caller is another one. Fails if the token is refused too.
   */
  async renew(token, client) {
    const before = this.identity;
    this.identity = { token };
    let power;
    try {
      power = await powerOfToken(client);
    } catch (error) {
      this.identity = before;
      throw error;
    }
    if (power !== this.power || subject(token) !== subject(before.token)) {
      this.use({ token });
      return;
    }
    this.storage.setItem(KEY, JSON.stringify(this.identity));
    this.isRefused = false;
    this.dispatchEvent(new Event("renewed"));
  }

  /** Uses another identity, or none. */
  use(identity) {
    this.isRefused = false;
    this.identity = identity ?? (this.site.development ? DEVELOPER : null);
    this.power = null;
    if (identity) {
      this.storage.setItem(KEY, JSON.stringify(identity));
    } else {
      this.storage.removeItem(KEY);
    }
    this.dispatchEvent(new Event("change"));
  }

  /**
   * Finds out what the caller may do. In development the caller says it; of a token no call says it,
   * so this tries the one that operators may make. Fails if the credential is refused.
   */
  async discover(client) {
    if (!this.identity) {
      return;
    }
    const identity = this.identity;
    const power = identity.token ? await powerOfToken(client) : POWERS.find((one) => identity.roles.includes(one));
    if (identity === this.identity) {
      this.power = power;
      this.dispatchEvent(new Event("change"));
    }
  }

  /** Whether calls of operators may be offered. */
  get isOperator() {
    return this.power === "OPERATOR" || this.power === "ADMIN";
  }

  /** Names the caller, for people. */
  get name() {
    const identity = this.identity;
    return !identity ? "" : identity.token ? (subject(identity.token) ?? "API token") : identity.user;
  }
}

async function powerOfToken(client) {
  try {
    const stats = await client.get("/v1/stats");
    return stats.load ? "ADMIN" : "OPERATOR";
  } catch (error) {
    if (error.status !== 403) {
      throw error;
    }
    return "USER";
  }
}

function read(storage) {
  try {
    return JSON.parse(storage.getItem(KEY));
  } catch {
    return null;
  }
}

/** Returns whom a JWT is about. The server verifies it; this is for the eye only. */
function subject(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(payload)).sub ?? null;
  } catch {
    return null;
  }
}
