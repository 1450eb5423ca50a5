// A ReportStream on which one request at a time is answered, and which is replaced when it breaks.
import grpc from '@grpc/grpc-js';
import {metadata, workers} from './client.js';

export class ReportStream {
  #stream;
  #answer;
  #onNotice;

  /** `onNotice` gets what the server says unasked: an AttemptNotice. */
  constructor(onNotice) {
    this.#onNotice = onNotice;
  }

  /** Sends a request and returns its acknowledgement. Fails with the server's error, or with that of the stream. */
  exchange(request) {
    return new Promise((resolve, reject) => {
      this.#answer = {resolve, reject};
      this.#stream ??= this.#open();
      this.#stream.write(request);
    });
  }

  end() {
    this.#stream?.end();
  }

  cancel() {
    this.#stream?.cancel();
  }

  #open() {
    const stream = workers.reportStream(metadata);
    stream.on('data', ({answer, ack, error, notice}) => {
      if (answer === 'ack') {
        this.#answer.resolve(ack);
      } else if (answer === 'error') {
        this.#answer.reject(toError(error));
      } else {
        this.#onNotice(notice);
      }
    });
    stream.on('error', (error) => {
      this.#stream = undefined;
      this.#answer.reject(error);
    });
    // A server that stops ends its streams in order: open another one.
    stream.on('end', () => stream.destroy(toError({code: grpc.status.UNAVAILABLE, message: 'The stream has ended'})));
    return stream;
  }
}

/** Makes an error of a google.rpc.Status. */
const toError = (status) => Object.assign(new Error(status.message), {code: status.code, status});
