'use strict';

const MIB = 1024 * 1024;

/** What a request may hold besides its file: the question, the history, a flow's settings, the form's other fields. */
const BESIDES = MIB;

/** Ends an upload that is too large, on every route and with every parser. */
class TooLarge extends Error {
  statusCode = 413;
  name = 'PayloadTooLargeError';
}

/** @returns {{ text: string, mib: number, bytes: number }} the largest file, from the variable that Flowise reads too */
function fileLimit() {
  const text = process.env.FLOWISE_FILE_SIZE_LIMIT || '50mb';
  if (!/^[1-9]\d{0,3}mb$/.test(text)) {
    throw new Error(`FLOWISE_FILE_SIZE_LIMIT is ${JSON.stringify(text)}: it must be whole MiB, such as 50mb`);
  }
  const mib = Number(text.slice(0, -2));
  return { text, mib, bytes: mib * MIB };
}

/**
 * The largest body of JSON: base64 takes 4 bytes for 3, and some clients write each `/` in it as `\/`, one character in
 * 64. `AppSettings.max_body_bytes` (components/app/settings.py) is the same figure, for the firewall.
 *
 * @param {number} bytes of the largest file
 */
const jsonLimit = (bytes) => Math.ceil((bytes * 4 * 65) / 3 / 64) + BESIDES;

/**
 * Whether a body holds a longer run of base64 than a file of the limit makes. Only bodies near the limit are read.
 *
 * @param {Buffer} body
 * @param {number} bytes of the largest file
 */
function holdsLargerFile(body, bytes) {
  const most = Math.ceil((bytes * 4) / 3);
  if (body.length <= most) return false;
  let run = 0;
  for (const byte of body) {
    if (IN_BASE64[byte]) {
      if (++run > most) return true;
    } else if (byte !== BACKSLASH) run = 0;
  }
  return false;
}

const BACKSLASH = 0x5c;
const IN_BASE64 = new Uint8Array(256);
for (const letter of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_')) IN_BASE64[letter] = 1;

/** @param {{ mib: number }} limit */
const tooLarge = ({ mib }) => new TooLarge(`The file is too large: the limit is ${mib} MiB (app.file_size_limit_mib).`);

/**
 * Flowise gives its parser of JSON the limit of a file, which is less than what a file of that size takes in base64.
 *
 * @param {any} express the module's exports
 */
function limitJson(express) {
  const limit = fileLimit();
  const json = express.json;
  express.json = (/** @type {any} */ options) => {
    if (options?.limit !== limit.text) return json(options);
    return json({
      ...options,
      limit: jsonLimit(limit.bytes),
      verify(/** @type {any} */ request, /** @type {any} */ response, /** @type {Buffer} */ body, /** @type {any} */ encoding) {
        if (holdsLargerFile(body, limit.bytes)) throw tooLarge(limit);
        options.verify?.(request, response, body, encoding);
      },
    });
  };
}

/**
 * Flowise gives its parser of forms no limit at all. The files of one request together may be as large as one file: all
 * of them are in memory at the same time.
 *
 * @param {any} multer the module's exports
 */
function limitForms(multer) {
  const limit = fileLimit();
  const prototype = Object.getPrototypeOf(multer());
  const most = limit.bytes + BESIDES;
  for (const method of ['single', 'array', 'fields', 'any', 'none']) {
    const make = prototype[method];
    prototype[method] = function (/** @type {any[]} */ ...args) {
      this.limits ??= { fileSize: limit.bytes };
      this.streamHandler = (/** @type {any} */ request, /** @type {any} */ form) => pipeAtMost(request, form, most, limit);
      return answering(make.apply(this, args), most, limit);
    };
  }
}

/**
 * Passes the body on as it comes; the parser gets the error as soon as there is too much.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:stream').Writable} form
 * @param {number} most bytes
 * @param {{ mib: number }} limit
 */
function pipeAtMost(request, form, most, limit) {
  let bytes = 0;
  request.on('data', (chunk) => {
    if (bytes <= most && (bytes += chunk.length) > most) {
      request.unpipe(form);
      form.destroy(tooLarge(limit));
    }
  });
  request.pipe(form);
}

/**
 * Answers 413 itself: Flowise's own handler of errors says nothing when the form has a field `streaming`.
 *
 * @param {(request: any, response: any, next: (error?: any) => void) => void} parse
 * @param {number} most bytes
 * @param {{ mib: number }} limit
 */
function answering(parse, most, limit) {
  const { message } = tooLarge(limit);
  const refuse = (/** @type {any} */ response) => response.status(413).json({ statusCode: 413, success: false, message });
  return (/** @type {any} */ request, /** @type {any} */ response, /** @type {(error?: any) => void} */ next) => {
    if (request.is('multipart/*') && Number(request.headers['content-length']) > most) {
      refuse(response); // Node reads the rest and throws it away
      return;
    }
    parse(request, response, (error) => {
      if (error instanceof TooLarge || ['LIMIT_FILE_SIZE', 'LIMIT_FIELD_VALUE'].includes(error?.code)) refuse(response);
      else next(error);
    });
  };
}

/** Holds every upload to one size, whichever way it comes. */
function install() {
  const { onLoad } = require('./modules.cjs');
  onLoad('express', limitJson);
  onLoad('multer', limitForms);
}

module.exports = { install, jsonLimit };
