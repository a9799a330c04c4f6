'use strict';

const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const { describe, test } = require('node:test');

process.env.FLOWISE_JOB_CHECK_SECONDS = '0';

const { endWaitForLostJobs, readAllEvents } = require('../preload/jobs.cjs');

/**
 * Stands for BullMQ: a job whose states come from a list, the last one always, and which waits as BullMQ's does.
 *
 * @param {(string | Error)[]} states
 * @param {{ returnvalue?: unknown, failedReason?: string }} [ended] what the queue holds of it
 */
function bullmq(states, ended) {
  const asked = [];
  class Job {
    id = '7';
    queue = {};
    static fromId = async () => ended;
    async getState() {
      asked.push(this.id);
      const state = states.length > 1 ? states.shift() : states[0];
      if (state instanceof Error) throw state;
      return state;
    }
    waitUntilFinished(/** @type {EventEmitter} */ events) {
      return new Promise((resolve, reject) => {
        events.once('completed:7', ({ returnvalue }) => resolve(returnvalue));
        events.once('failed:7', ({ failedReason }) => reject(new Error(failedReason)));
      });
    }
  }
  // @ts-expect-error: as much of it as is used.
  endWaitForLostJobs({ Job });
  return { job: new Job(), events: new EventEmitter(), asked };
}

/** A job whose queue has forgotten it before BullMQ asked for its state; a class of its own, because it is patched. */
const forgotten = () =>
  class {
    id = '7';
    queue = {};
    async getState() {
      return 'active';
    }
    async waitUntilFinished() {
      throw new Error('Missing key for job bull:flowise:7. isFinished');
    }
  };

describe('a job that is waited for', () => {
  test('ends with an error when the queue has lost it', async () => {
    const { job, events } = bullmq(['active', 'active', 'unknown']);
    await assert.rejects(job.waitUntilFinished(events), /the queue has lost this job/);
  });

  test('is waited for as long as it takes', async () => {
    const { job, events, asked } = bullmq(['waiting', 'active']);
    const answer = job.waitUntilFinished(events);
    while (asked.length < 20) await new Promise((next) => setTimeout(next, 1));
    events.emit('completed:7', { returnvalue: 'late' });
    assert.equal(await answer, 'late');
    const before = asked.length;
    await new Promise((next) => setTimeout(next, 20));
    assert.ok(asked.length <= before + 1, 'nobody asks any more');
  });

  test('gives its result when its end was not announced', async () => {
    const { job, events } = bullmq(['active', 'completed'], { returnvalue: { text: 'x' } });
    assert.deepEqual(await job.waitUntilFinished(events), { text: 'x' });
  });

  test('gives its own error when that was not announced', async () => {
    const { job, events } = bullmq(['failed'], { failedReason: 'the model is down' });
    await assert.rejects(job.waitUntilFinished(events), /the model is down/);
  });

  test('survives a question that fails', async () => {
    const { job, events } = bullmq([new Error('Connection is closed.'), 'completed'], { returnvalue: 1 });
    assert.equal(await job.waitUntilFinished(events), 1);
  });

  test('gives the result whose message is on its way when the queue has forgotten the job', async () => {
    const events = new EventEmitter();
    const Job = forgotten();
    // @ts-expect-error: as much of it as is used.
    endWaitForLostJobs({ Job });
    // @ts-expect-error: as BullMQ's, which takes the events.
    const answer = new Job().waitUntilFinished(events);
    setTimeout(() => events.emit('completed:7', { returnvalue: 'in time' }), 5);
    assert.equal(await answer, 'in time');
  });
});

describe('messages of a queue', () => {
  test('that came before anybody listened are not lost when the queue has forgotten the job', async () => {
    class QueueEvents extends EventEmitter {
      opts = {};
      async consumeEvents() {}
    }
    const Job = forgotten();
    readAllEvents({ QueueEvents });
    // @ts-expect-error: as much of it as is used.
    endWaitForLostJobs({ Job });
    const events = new QueueEvents();
    // @ts-expect-error: the client comes from BullMQ.
    await events.consumeEvents({ time: async () => ['1700000000', '5'] });
    events.emit('completed', { jobId: '7', returnvalue: 'early' });
    // @ts-expect-error: as BullMQ's, which takes the events.
    assert.equal(await new Job().waitUntilFinished(events), 'early');
  });

  /** @param {Record<string, string>} opts what Flowise gives QueueEvents */
  async function read(opts) {
    class QueueEvents extends EventEmitter {
      opts = opts;
      async consumeEvents() {
        return this.opts.lastEventId;
      }
    }
    readAllEvents({ QueueEvents });
    // @ts-expect-error: the client comes from BullMQ.
    return new QueueEvents().consumeEvents({ time: async () => ['1700000000', '5'] });
  }

  test('are read from the moment at which a process begins to listen', async () => {
    assert.equal(await read({}), '1699999999999-0');
  });

  test('are read from where the caller says', async () => {
    assert.equal(await read({ lastEventId: '5-0' }), '5-0');
  });
});
