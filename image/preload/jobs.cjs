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
    return wait
      .call(this, queueEvents, ...rest)
      .catch((/** @type {Error} */ error) => {
        if (!error.message?.startsWith('Missing key for job')) throw error;
        return announced(this, queueEvents); // or `watch` finds that it is lost
      })
      .finally(stop);
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

/**
 * Reads every message of a queue's stream from the moment at which a process begins to listen.
 *
 * BullMQ 5.45 asks for what comes after its question (`$`), and asks again every 10 s until a first message has come: what
 * is announced between two questions, or before the first, is never seen. The job that ended is looked up only if the
 * queue still keeps it, and of few jobs it does.
 *
 * @param {{ QueueEvents: { prototype: any } }} bullmq the module's exports
 */
function readAllEvents({ QueueEvents: { prototype } }) {
  const consume = prototype.consumeEvents;
  prototype.consumeEvents = async function (/** @type {{ time: () => Promise<[string, string]> }} */ client) {
    if (!this.opts.lastEventId) {
      const [seconds] = await client.time(); // its own clock: the numbers of messages are its milliseconds
      this.opts.lastEventId = `${Number(seconds) * 1000 - 1}-0`;
    }
    remember(this);
    return consume.call(this, client);
  };
}

/** Messages of the last seconds, by job. @type {WeakMap<QueueEvents, Map<string, (job: QueueEvents) => void>>} */
const recent = new WeakMap();

/** Longer than a process that is busy takes to listen for a job that it has added. */
const REMEMBERED_MILLISECONDS = 10_000;

/**
 * Keeps the last messages: one can be there before the process that added the job listens for it.
 *
 * @param {QueueEvents} queueEvents
 */
function remember(queueEvents) {
  const messages = new Map();
  recent.set(queueEvents, messages);
  for (const event of ['completed', 'failed']) {
    queueEvents.on(event, (/** @type {{ jobId: string }} */ args) => {
      messages.set(args.jobId, (/** @type {QueueEvents} */ listener) => listener.emit(`${event}:${args.jobId}`, args));
      setTimeout(() => messages.delete(args.jobId), REMEMBERED_MILLISECONDS).unref();
    });
  }
}

/**
 * Waits for the message of a job that ended, and that the queue forgot, before BullMQ asked for its state; or takes it, if it
 * has come already.
 *
 * @param {Job} job
 * @param {QueueEvents} queueEvents
 * @returns {Promise<unknown>}
 */
function announced(job, queueEvents) {
  return new Promise((resolve, reject) => {
    queueEvents.once(`completed:${job.id}`, ({ returnvalue }) => resolve(returnvalue));
    queueEvents.once(`failed:${job.id}`, ({ failedReason }) => reject(new Error(failedReason)));
    recent.get(queueEvents)?.get(job.id)?.(queueEvents); // it came before anybody listened
  });
}

/** Wraps the loading of BullMQ. */
function install() {
  onLoad('bullmq', endWaitForLostJobs);
  onLoad('bullmq', readAllEvents);
}

module.exports = { endWaitForLostJobs, install, readAllEvents };
