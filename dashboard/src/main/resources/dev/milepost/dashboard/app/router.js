import { href, parse } from "./links.js";

/**
 * Follows links and the browser's history without loading the page again. The URL is the only state:
 * `route` is what it says, and "change" is sent when it says something else.
 */
export class Router extends EventTarget {
  constructor(window) {
    super();
    this.window = window;
    this.route = parse(window.location.href) ?? { view: "overview", id: "", params: new URLSearchParams() };
    window.addEventListener("popstate", () => this.#read());
    window.document.addEventListener("click", (event) => this.#click(event));
  }

  /** Goes to an address of the dashboard. */
  go(address, { replace = false } = {}) {
    if (replace) {
      this.window.history.replaceState(null, "", address);
    } else if (new URL(address, this.window.location.href).href !== this.window.location.href) {
      this.window.history.pushState(null, "", address);
    }
    this.#read();
  }

  /** Changes parameters of the present view: null removes one. */
  set(changes, options = { replace: true }) {
    const params = {};
    for (const name of new Set(this.route.params.keys())) {
      params[name] = this.route.params.getAll(name);
    }
    this.go(href(this.route.view, this.route.id, { ...params, ...changes }), options);
  }

  #read() {
    const route = parse(this.window.location.href);
    if (route) {
      this.route = route;
      this.dispatchEvent(new Event("change"));
    }
  }

  #click(event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
      return;
    }
    const link = event.composedPath().find((node) => node.localName === "a" && node.href);
    if (!link || link.target || link.hasAttribute("download") || !parse(link.href)) {
      return;
    }
    event.preventDefault();
    this.go(link.href);
  }
}
