// Reads server-sent events of a response: EventSource cannot send credentials.

/** A stream that is silent this long is dead: the server sends something every 15 s. */
const MAX_SILENCE = 45_000;

/** Calls back for each server-sent event of a response, with its name and data. Fails if nothing arrives for too long. */
export async function readEvents(response, abort, onEvent) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let event = {name: 'message', data: ''};
  for (;;) {
    const silence = setTimeout(() => abort.abort(), MAX_SILENCE);
    const {done, value} = await reader.read().finally(() => clearTimeout(silence));
    if (done) {
      return;
    }
    const lines = (text + value).split('\n');
    text = lines.pop();
    for (const line of lines) {
      if (line.startsWith('event: ')) {
        event.name = line.slice(7);
      } else if (line.startsWith('data: ')) {
        event.data += line.slice(6);
      } else if (line === '') {
        if (event.data) {
          onEvent(event.name, JSON.parse(event.data));
        }
        event = {name: 'message', data: ''};
      }
    }
  }
}

/** An error of the server that a further attempt would get again. */
export class Refused extends Error {
  constructor({code, status, message} = {}) {
    super(message);
    this.detail = {code, status, message};
  }

  static isFinal = (error) => error?.code >= 400 && error.code < 500 && error.code !== 429 && error.code !== 499;
}
