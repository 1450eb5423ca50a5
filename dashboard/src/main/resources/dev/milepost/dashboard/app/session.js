// Who the caller is: kept for the session of the tab, and never longer.

const KEY = "milepost.identity";
const POWERS = ["ADMIN", "OPERATOR", "USER", "WORKER"];
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
    /** Whom the server takes the caller for, and what it may call; null until `discover` has asked. */
    this.caller = null;
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
    if (this.caller && !this.isRefused) {
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
    let caller;
    try {
      caller = await client.get("/v1/caller");
    } catch (error) {
      this.identity = before;
      throw error;
    }
    if (!isSame(caller, this.caller)) {
      this.use({ token });
      return;
    }
    this.#know(caller);
    this.storage.setItem(KEY, JSON.stringify(this.identity));
    this.isRefused = false;
    this.dispatchEvent(new Event("renewed"));
  }

  /** Uses another identity, or none. */
  use(identity) {
    this.isRefused = false;
    this.identity = identity ?? (this.site.development ? DEVELOPER : null);
    this.caller = null;
    if (identity) {
      this.storage.setItem(KEY, JSON.stringify(identity));
    } else {
      this.storage.removeItem(KEY);
    }
    this.dispatchEvent(new Event("change"));
  }

  /** Asks the server who the caller is. Fails if the credential is refused. */
  async discover(client) {
    if (!this.identity) {
      return;
    }
    const identity = this.identity;
    const caller = await client.get("/v1/caller");
    if (identity === this.identity) {
      this.#know(caller);
      this.dispatchEvent(new Event("change"));
    }
  }

  #methods = new Set();

  #know(caller) {
    this.caller = caller;
    this.#methods = new Set((caller.permissions ?? []).map(({ method }) => method.slice(method.indexOf("/") + 1)));
  }

  /** Whether the caller may make a call, by the name of its method, such as CancelJob. */
  may(method) {
    return this.caller !== null && this.#methods.has(method);
  }

  /** The caller's strongest role, for people; empty if it is not known. */
  get power() {
    const roles = this.caller?.roles ?? [];
    return POWERS.find((one) => roles.includes(`ROLE_${one}`)) ?? "";
  }

  /** Whether calls of operators may be offered. */
  get isOperator() {
    return this.power === "OPERATOR" || this.power === "ADMIN";
  }

  /** Names the caller, for people. */
  get name() {
    return this.caller?.userId ?? this.identity?.user ?? "";
  }
}

/** Whether another credential is that of the same user, with the same roles. */
function isSame(one, other) {
  return one.tenantId === other.tenantId && one.userId === other.userId && `${one.roles}` === `${other.roles}`;
}

function read(storage) {
  try {
    return JSON.parse(storage.getItem(KEY));
  } catch {
    return null;
  }
}
