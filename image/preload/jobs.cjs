'use strict';

const { onLoad } = require('./modules.cjs');
const { log, milliseconds } = require('./settings.cjs');

/** How often a server asks whether a job that it waits for still exists. */
const CHECK_SECONDS = 10;

/**
 * @typedef {{ id: string, queue: unknown, getState: () => Promise<string>, returnvalue: unknown, failedReason?: string }} Job
 * @typedef {import('node:events').EventEmitter} QueueEvents
 */

/**
 * Ends the wait for a job that the queue has lost, and for one whose end was not announced.
 *
 * A server waits for the message that its job has ended (`Job.waitUntilFinished` of BullMQ 5.45). A Valkey that lost its
 * data forgets the job, so the message never comes: the request is never answered, and a stream goes on sending
 * heartbeats. A slow job is no lost one, and is waited for as before.
 *
 * @param {{ Job: { prototype: any, fromId: (queue: unknown, id: string) => Promise<Job | undefined> } }} bullmq the
 *   module's exports
 */
function endWaitForLostJobs({ Job }) {
  const interval = milliseconds('FLOWISE_JOB_CHECK_SECONDS', CHECK_SECONDS);
  const limit = milliseconds('FLOWISE_DRAIN_SECONDS', 120);
  const wait = Job.prototype.waitUntilFinished;

  /**
   * @this {Job}
   * @param {QueueEvents} queueEvents
   * @param {...unknown} rest
   */
  Job.prototype.waitUntilFinished = function (queueEvents, ...rest) {
    const stop = watch(Job, this, queueEvents, interval, limit);
    return wait.call(this, queueEvents, ...rest).finally(stop);
  };
}

/**
 * Asks now and then what became of a job, and announces to those in this process who wait for it what nobody else did.
 *
 * @param {{ fromId: (queue: unknown, id: string) => Promise<Job | undefined> }} jobs
 * @param {Job} job
 * @param {QueueEvents} queueEvents
 * @param {number} interval milliseconds between two questions
 * @param {number} limit milliseconds after which a question without an answer means that the queue is gone
 * @returns {() => void} ends it
 */
function watch(jobs, job, queueEvents, interval, limit) {
  let stopped = false;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  /** @param {string} reason */
  const fail = (reason) => {
    if (stopped) return;
    log(`job ${job.id}: ${reason}`);
    queueEvents.emit(`failed:${job.id}`, { jobId: job.id, failedReason: reason });
  };
  const check = async () => {
    const overdue = setTimeout(() => fail('the queue does not answer; ask again later'), limit);
    try {
      const state = await job.getState();
      if (stopped) return;
      if (state === 'unknown') return fail('the queue has lost this job; ask again');
      if (state === 'completed' || state === 'failed') {
        const ended = await jobs.fromId(job.queue, job.id);
        if (state === 'failed' || !ended) return fail(ended?.failedReason ?? 'the queue has lost this job; ask again');
        queueEvents.emit(`completed:${job.id}`, { jobId: job.id, returnvalue: ended.returnvalue });
        return;
      }
    } catch (error) {
      // The connection is being made again, or this question failed: the next one will tell.
      log(`job ${job.id}: its state cannot be read (${/** @type {Error} */ (error).message})`);
    } finally {
      clearTimeout(overdue);
    }
    if (!stopped) timer = setTimeout(check, interval);
  };
  timer = setTimeout(check, interval);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Wraps the loading of BullMQ. */
function install() {
  onLoad('bullmq', endWaitForLostJobs);
}

module.exports = { endWaitForLostJobs, install };
