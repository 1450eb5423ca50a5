// <milepost-progress job="ID" token="mls_..."></milepost-progress>: how far a job is, live, in any page.
// docs/HTTP.md, "A bar in your own page", describes its attributes, events and styles. The strictest Content-Security-Policy
// of a page admits it: it has no inline style, no markup from text, and no eval.

import {STATES, STYLE} from './progress/look.js';
import {Refused, readEvents} from './progress/stream.js';
import {count, guess, isBytes, seconds, span, speed, unitFor} from './progress/words.js';

const REFUSALS = {
  UNAUTHENTICATED: 'The link to this job has expired or was revoked.',
  NOT_FOUND: 'There is no such job.',
};

/** Delays between attempts to connect, in milliseconds: doubled from the first to the last, each drawn from its upper half. */
const FIRST_DELAY = 500;
const LAST_DELAY = 30_000;

/** Attempts after which a page that never reached the server says so. */
const MANY_ATTEMPTS = 3;

const PAGE_EVENTS = ['online', 'pagehide', 'pageshow'];

let sheet;

/** Returns an element with a class. Text goes in as textContent only, never as markup. */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.part = className;
  made.append(...children);
  return made;
}

/** The element. Fires `milepost-progress`, `milepost-end` and `milepost-error`. */
class MilepostProgress extends HTMLElement {
  static observedAttributes = ['job', 'token', 'server'];

  #progress;
  #received = 0;
  #watch;
  #clock;
  #starts;
  #retry = () => {};
  #parts;
  #isRefused = false;

  /** A page that the browser keeps to go back to has no streams. */
  #onPage = {
    online: () => this.#retry(),
    pagehide: () => this.#stop(),
    pageshow: (event) => event.persisted && this.#restart(),
    handleEvent: (event) => this.#onPage[event.type](event),
  };

  constructor() {
    super();
    const root = this.attachShadow({mode: 'open'});
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
    }
    root.adoptedStyleSheets = [sheet];
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    icon.setAttribute('viewBox', '0 0 16 16');
    icon.setAttribute('aria-hidden', 'true');
    icon.append(path);
    const name = element('bdi', 'name');
    const word = element('span', 'word');
    const percent = element('span', 'percent');
    const state = element('span', 'state', icon, word);
    // Only the state is announced when it changes: a percentage each second would drown everything else.
    state.setAttribute('role', 'status');
    const fill = element('div', 'fill');
    const bar = element('div', 'bar', fill);
    bar.setAttribute('role', 'progressbar');
    bar.setAttribute('aria-valuemin', '0');
    bar.setAttribute('aria-valuemax', '100');
    const stage = element('bdi', 'text');
    const numbers = element('div', 'numbers');
    const note = element('div', 'note');
    note.setAttribute('role', 'status');
    root.append(element('div', 'head', name, state, percent), bar, element('div', 'facts', stage, numbers), note);
    this.#parts = {icon, path, name, word, percent, fill, bar, stage, numbers, note};
  }

  /** What the server said last, a GetProgressResponse as JSON; undefined before that. */
  get progress() {
    return this.#progress;
  }

  connectedCallback() {
    for (const type of PAGE_EVENTS) {
      window.addEventListener(type, this.#onPage);
    }
    this.#clock = setInterval(() => this.#showNumbers(), 1000);
    this.#restart();
  }

  disconnectedCallback() {
    for (const type of PAGE_EVENTS) {
      window.removeEventListener(type, this.#onPage);
    }
    clearInterval(this.#clock);
    this.#stop();
  }

  attributeChangedCallback(name, before, now) {
    if (this.isConnected && before !== now) {
      if (name === 'job') {
        this.#progress = undefined;
      }
      // Once, even if several attributes change one after the other.
      this.#starts ??= queueMicrotask(() => this.#restart()) ?? true;
    }
  }

  #stop() {
    this.#watch?.abort();
    this.#watch = undefined;
  }

  #restart() {
    this.#starts = undefined;
    this.#stop();
    this.#isRefused = false;
    this.#show();
    if (!this.isConnected) {
      return;
    }
    const job = this.getAttribute('job');
    if (!job || !this.getAttribute('token')) {
      this.#say(job ? 'The token of this job is missing.' : 'The id of the job is missing.');
    } else if (!this.#state()?.isEnd) {
      const watch = new AbortController();
      this.#watch = watch;
      this.#follow(watch.signal);
    }
  }

  /** Watches the job, over and over, until it has finished, access is refused, or the signal. */
  async #follow(stopped) {
    this.#say('');
    for (let failures = 0; !stopped.aborted; failures++) {
      const begun = this.#progress;
      let delay = 0;
      try {
        delay = await this.#watchOnce(stopped);
        if (delay < 0) {
          return;
        }
      } catch (error) {
        if (stopped.aborted) {
          return;
        }
        if (error instanceof Refused) {
          this.#isRefused = true;
          this.#show();
          this.#say(REFUSALS[error.detail.status] ?? `Refused: ${error.message}`);
          this.#fire('milepost-error', error.detail);
          return;
        }
      }
      if (this.#state()?.isEnd) {
        return;
      }
      if (this.#progress !== begun) {
        failures = 0;
      }
      this.#say(this.#progress || failures < MANY_ATTEMPTS ? 'reconnecting…' : 'The server cannot be reached. Trying again…');
      const backOff = Math.min(LAST_DELAY, FIRST_DELAY * 2 ** failures);
      await this.#pause(Math.max(delay, backOff * (0.5 + Math.random() / 2)), stopped);
    }
  }

  /** Watches until the stream ends. Returns -1 if the job has finished, else how long to wait at least. */
  async #watchOnce(stopped) {
    const base = this.hasAttribute('server') ? this.getAttribute('server').replace(/\/*$/, '/') : '../';
    const url = new URL(`v1/jobs/${encodeURIComponent(this.getAttribute('job'))}/progress:watch`, new URL(base, import.meta.url));
    const abort = new AbortController();
    const stop = () => abort.abort();
    stopped.addEventListener('abort', stop);
    try {
      const response = await fetch(url, {
        headers: {accept: 'text/event-stream', authorization: `Bearer ${this.getAttribute('token')}`},
        signal: abort.signal,
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
      });
      if (!response.ok) {
        const {error} = await response.json().catch(() => ({error: {code: response.status, message: response.statusText}}));
        if (Refused.isFinal({code: response.status})) {
          throw new Refused(error);
        }
        return 1000 * (Number(response.headers.get('retry-after')) || 0);
      }
      let isEnd = false;
      await readEvents(response, abort, (name, data) => {
        if (name === 'error' && Refused.isFinal(data.error)) {
          throw new Refused(data.error);
        } else if (name === 'end') {
          isEnd = true;
        } else if (!stopped.aborted) {
          this.#say('');
          this.#receive(data.progress);
        }
      });
      return isEnd ? -1 : 0;
    } finally {
      stopped.removeEventListener('abort', stop);
      abort.abort();
    }
  }

  /** Waits, but not if the network has come back or the signal says so. */
  #pause(delay, stopped) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.#retry = () => {
        clearTimeout(timer);
        resolve();
      };
      stopped.addEventListener('abort', this.#retry, {once: true});
    });
  }

  #receive(progress) {
    if (!progress) {
      return;
    }
    this.#progress = progress;
    this.#received = performance.now();
    this.#show();
    this.#fire('milepost-progress', progress);
    if (this.#state().isEnd) {
      this.#fire('milepost-end', progress);
    }
  }

  #fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail, bubbles: true, composed: true}));
  }

  #stateName() {
    const name = this.#progress?.state?.replace('JOB_STATE_', '');
    return name === 'RUNNING' && this.#progress.health === 'JOB_HEALTH_STALLED' ? 'STALLED' : name;
  }

  #state() {
    return STATES[this.#stateName()];
  }

  #say(text) {
    set(this.#parts.note, text);
  }

  #show() {
    const {icon, path, name, word, percent, fill, bar, stage} = this.#parts;
    const job = this.#progress ?? {};
    const {progress = {}} = job;
    const state = this.#state();
    this.toggleAttribute('data-refused', this.#isRefused);
    if (state) {
      this.setAttribute('data-state', this.#stateName());
      path.setAttribute('d', state.shape[0]);
      icon.setAttribute('class', state.shape[1]);
    }
    icon.toggleAttribute('hidden', !state);
    set(name, job.displayName || job.type || '');
    set(word, state?.word ?? '');
    const isDone = state === STATES.SUCCEEDED;
    const known = isDone ? 100 : progress.percent;
    // A job may succeed with fewer units than it had announced: then the count says it, not a percentage.
    set(percent, known === undefined || (isDone && progress.percent !== 100) ? '' : `${known} %`);
    const isMoving = known === undefined && !this.#isRefused && !state?.isEnd && state !== STATES.QUEUED && Boolean(state);
    fill.classList.toggle('unknown', isMoving);
    fill.style.inlineSize = isMoving ? '' : `${isDone ? 100 : 100 * (progress.fraction ?? 0)}%`;
    const stageName = [job.stage?.name, job.stage?.detail].filter(Boolean).join(': ');
    set(stage, isDone ? progress.message ?? '' : [stageName, progress.message].filter(Boolean).join(' · '));
    this.#showNumbers();
    bar.setAttribute('aria-label', name.textContent || 'Job');
    if (known === undefined) {
      bar.removeAttribute('aria-valuenow');
    } else {
      bar.setAttribute('aria-valuenow', String(known));
    }
  }

  /** Shows counts and times, which pass between two messages too. */
  #showNumbers() {
    const {word, percent, bar, numbers} = this.#parts;
    const job = this.#progress;
    const state = this.#state();
    if (!job || !state) {
      set(numbers, '');
      return;
    }
    const {progress = {}} = job;
    const unit = progress.unit ?? '';
    const unitWord = (value) => (isBytes(unit) ? '' : ` ${unitFor(value, unit)}`.trimEnd());
    const facts = [];
    if (progress.total !== undefined) {
      facts.push(`${count(progress.current ?? 0, unit)} of ${count(progress.total, unit)}${unitWord(progress.total)}`);
    } else if (progress.current !== undefined) {
      facts.push(`${count(progress.current, unit)}${unitWord(progress.current)}`);
    }
    if (progress.failed !== undefined) {
      facts.push(`${count(progress.failed, '')} failed`);
    }
    if (state === STATES.RUNNING && !this.#isRefused) {
      const left = seconds(job.remaining) - (performance.now() - this.#received) / 1000;
      if (progress.rate > 0) {
        facts.push(speed(progress.rate, unit));
      }
      if (left > 0) {
        facts.push(guess(left));
      }
    } else if (state.isEnd && job.duration) {
      facts.push(`took ${span(seconds(job.duration))}`);
    }
    set(numbers, facts.join(' · '));
    bar.setAttribute('aria-valuetext', [word.textContent, percent.textContent, ...facts].filter(Boolean).join(', '));
  }
}

/** Sets the text of a part, which is not there at all if it is empty; only if it has changed. */
function set(part, text) {
  if (part.textContent !== text) {
    part.textContent = text;
  }
  part.hidden = text === '' && part.getAttribute('role') !== 'status';
}

if (!customElements.get('milepost-progress')) {
  customElements.define('milepost-progress', MilepostProgress);
}
