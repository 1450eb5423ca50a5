/** Tells elements that something has changed, at most once a frame. */
export class Store extends EventTarget {
  #isDue = false;

  changed() {
    if (this.#isDue) {
      return;
    }
    this.#isDue = true;
    // A page in the background draws no frames, but its streams go on.
    const send = () => {
      if (this.#isDue) {
        this.#isDue = false;
        this.dispatchEvent(new Event("change"));
      }
    };
    requestAnimationFrame(send);
    setTimeout(send, 250);
  }
}

/** Draws an element again when the store that it shows has changed. */
export class StoreController {
  #store;
  #redraw;

  constructor(host) {
    this.#redraw = () => host.requestUpdate();
    host.addController(this);
  }

  /** Shows another store, or none. Returns it. */
  show(store) {
    if (store !== this.#store) {
      this.#store?.removeEventListener("change", this.#redraw);
      store?.addEventListener("change", this.#redraw);
      this.#store = store;
      this.#redraw();
    }
    return store;
  }

  hostDisconnected() {
    this.#store?.removeEventListener("change", this.#redraw);
  }

  hostConnected() {
    this.#store?.addEventListener("change", this.#redraw);
  }
}
