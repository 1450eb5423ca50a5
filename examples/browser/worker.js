// A worker, so that something moves. A real one is a process of its own: see examples/quickstart.
import {call} from './milepost.js';

const PHOTOS = 40;

/** Takes a job of a type and pretends to do it. */
export async function work(type) {
  const {jobs} = await call('v1/jobs:claim', {workerId: 'browser', types: [type], wait: '10s'});
  for (const {job, grant} of jobs ?? []) {
    const attemptToken = grant.attemptToken;
    for (let photo = 1; photo <= PHOTOS; photo++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      const {ack} = await call(`v1/jobs/${job.id}:report`, {
        attemptToken,
        report: {
          stage: {name: 'Resizing'},
          progress: {current: photo, total: PHOTOS, unit: 'photos'},
          logs: photo % 10 ? [] : [{level: 'LOG_LEVEL_INFO', message: `${photo} photos resized`}],
        },
      });
      if (ack.directive === 'DIRECTIVE_CANCEL') {
        return call(`v1/jobs/${job.id}:confirmCancel`, {attemptToken});
      }
    }
    await call(`v1/jobs/${job.id}:complete`, {attemptToken, result: {photos: PHOTOS}});
  }
}
