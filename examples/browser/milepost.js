// Calls a development server, as alice. With a real one, send `authorization: Bearer TOKEN` instead of x-milepost-user.

const SERVER = 'http://localhost:7301/';
const HEADERS = {'content-type': 'application/json', 'x-milepost-user': 'alice'};

/** Returns the response, or fails with the server's error. */
async function fetchOk(path, options) {
  const response = await fetch(SERVER + path, {headers: HEADERS, ...options});
  if (!response.ok) {
    throw new Error((await response.json()).error.message);
  }
  return response;
}

/** Calls once. */
export async function call(path, request) {
  const response = await fetchOk(path, {method: 'POST', body: JSON.stringify(request)});
  return response.json();
}

/** Yields the messages of a stream, which are lines of JSON, until it completes. */
export async function* follow(path) {
  const reader = (await fetchOk(path)).body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (text + part.value).split('\n');
    text = lines.pop();
    for (const line of lines.filter(Boolean)) {
      const message = JSON.parse(line);
      if (message.error) {
        throw new Error(message.error.message);
      }
      yield message;
    }
  }
}
