// One attempt at a job, as its worker sees it: reports that count exactly once, heartbeats, the end.
import {EventEmitter, once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {Backoff, call, milliseconds, workers} from './client.js';
import {Cancelled, LeaseLost, reasonToStop} from './reasons.js';
import {merge} from './report.js';
import {ReportStream} from './stream.js';
import {fromStruct} from './struct.js';

/** How many updates wait for the next report, at most: a report may have 1,000 lines, and a message 4 MiB. */
const MAX_UPDATES = 50;

/** Sends reports on a stream while the work goes on, one at a time, as often as the server wants them. */
export class Attempt {
  #names;
  #heartbeat; // milliseconds, like #lease
  #lease;
  #leaseTimer;
  #seq; // of the last committed report
  #updates = [];
  #work = new AbortController();
  #ended = false;
  #failure;
  #events = new EventEmitter();
  #stream = new ReportStream((notice) => this.#onNotice(notice));
  #reporting;

  constructor({job, grant}) {
    this.params = fromStruct(job.spec.params);
    this.checkpoint = fromStruct(job.status.checkpoint);
    this.#names = {jobId: job.id, attemptToken: grant.attemptToken};
    this.#heartbeat = milliseconds(grant.heartbeatInterval);
    this.#lease = milliseconds(grant.lease);
    this.#seq = Number(grant.committedSeq);
    this.#renewLease(Date.now());
    this.#reporting = this.#sendReports();
  }

  /** Aborted when the work must stop. The reason is one of the errors above, or the server's refusal of a report. */
  get signal() {
    return this.#work.signal;
  }

  /** Adds an update to the next report, whole. Waits while there is too much to report; fails if the work must stop. */
  async report(update) {
    while (this.#updates.length >= MAX_UPDATES) {
      await once(this.#events, 'taken', {signal: this.signal});
    }
    this.signal.throwIfAborted();
    this.#updates.push(update);
    this.#events.emit('changed');
  }

  stop(reason) {
    this.#work.abort(reason);
    this.#events.emit('changed');
  }

  /** Ends the attempt by a call. What was not reported yet goes with it: both are committed, or neither. */
  async end(method, request = {}) {
    this.#ended = true;
    this.#events.emit('changed');
    await this.#reporting;
    if (this.#failure instanceof LeaseLost) {
      throw this.#failure; // A report may be without an answer: nothing may follow it.
    }
    await call(workers, method, {...request, ...this.#names, report: this.#nextReport()}).catch((error) => {
      throw reasonToStop(error);
    });
  }

  async #sendReports() {
    let interval = 0;
    try {
      while (!this.#ended) {
        await sleep(interval);
        if (!this.#updates.length && !this.#ended) {
          const signal = AbortSignal.timeout(this.#heartbeat - interval);
          await once(this.#events, 'changed', {signal}).catch(() => {});
        }
        if (!this.#ended) {
          const ack = await this.#send(this.#nextReport());
          interval = Math.min(milliseconds(ack.minReportInterval), this.#heartbeat);
          this.#follow(ack);
        }
      }
    } catch (error) {
      this.#failure ??= reasonToStop(error);
      this.stop(this.#failure);
    } finally {
      clearTimeout(this.#leaseTimer);
      this.#stream.end();
    }
  }

  /** Sends a report until it is acknowledged, with the same number, or a heartbeat if there is none. */
  async #send(report) {
    const backoff = new Backoff();
    for (;;) {
      const sent = Date.now();
      try {
        const ack = await this.#stream.exchange({...this.#names, report});
        this.#renewLease(sent);
        this.#seq = Number(ack.committedSeq);
        return ack;
      } catch (error) {
        const pause = backoff.after(error);
        if (pause === undefined || this.#failure) {
          throw error;
        }
        await sleep(pause);
      }
    }
  }

  #onNotice({content, ack, error}) {
    // After a cancel, the next heartbeat goes at once, and says that the worker knows.
    return content === 'ack' ? this.#follow(ack) : this.#loseLease(error.message);
  }

  #follow(ack) {
    if (ack.directive === 'DIRECTIVE_CANCEL') {
      this.stop(new Cancelled('The job is cancelled'));
    }
  }

  #renewLease(from) {
    clearTimeout(this.#leaseTimer);
    this.#leaseTimer = setTimeout(() => this.#loseLease('No answer while the lease lasted'), from + this.#lease - Date.now());
  }

  #loseLease(message) {
    this.#failure = new LeaseLost(message);
    this.stop(this.#failure);
    this.#stream.cancel();
  }

  /** Takes all updates as one numbered report. */
  #nextReport() {
    const updates = this.#updates.splice(0);
    this.#events.emit('taken');
    return updates.length ? {...merge(updates), reportSeq: this.#seq + 1} : undefined;
  }
}
