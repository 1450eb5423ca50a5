// Creates a job that resizes photos, and prints its id. Argument: [NUMBER OF PHOTOS].
import {randomUUID} from 'node:crypto';
import {call, jobs} from './client.js';
import {toStruct} from './struct.js';

const count = Number(process.argv[2] ?? 20);
const photos = Array.from({length: count}, (_, index) => `photo-${index + 1}.jpg`);
const spec = {
  type: 'resize-photos',
  labels: {album: 'holiday'},
  params: toStruct({photos}),
  // A worker that falls silent loses the job after this time, and another one continues.
  timeouts: {lease: {seconds: 15}},
};
// The id is the same however often the request has to be sent, so there is one job.
const {job} = await call(jobs, 'createJob', {spec, requestId: randomUUID()});
console.log(job.id);
jobs.close();
