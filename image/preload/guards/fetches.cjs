'use strict';

const { replaceOnce } = require('../edits.cjs');

const SECURITY = 'flowise-components/dist/src/httpSecurity.js';
const MOST_REDIRECTS = 5;

/**
 * `fetch` behind Flowise's own check of addresses, redirects included.
 *
 * @param {(url: string) => Promise<void>} checkDenyList
 * @returns {typeof fetch}
 */
function checked(checkDenyList) {
  return async (input, init = {}) => {
    let url = new URL(input instanceof Request ? input.url : String(input));
    let options = { ...init, redirect: /** @type {const} */ ('manual') };
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      await checkDenyList(url.toString());
      const response = await fetch(url, options);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || !location) return response;
      const next = new URL(location, url);
      if (next.origin !== url.origin) options = { ...options, headers: withoutKeys(options.headers) };
      if (response.status === 303 || (response.status < 303 && options.method?.toUpperCase() === 'POST')) {
        options = { ...options, method: 'GET', body: undefined };
      }
      url = next;
    }
    throw new Error('Too many redirects');
  };
}

/** Headers for another host, as browsers do it. @param {HeadersInit | undefined} headers */
function withoutKeys(headers) {
  const left = new Headers(headers);
  for (const name of ['authorization', 'cookie', 'host', 'proxy-authorization']) left.delete(name);
  return left;
}

/** A file that calls the global `fetch` once, by this name. @param {string} sha256 @returns {import('../guards.cjs').Upstream} */
const guarded = (sha256) => ({
  sha256,
  edit: (source) => replaceOnce(source, 'await fetch(', 'await exports.checkedFetch('),
  patch: (exports, tree) => {
    exports.checkedFetch = checked((url) => tree(SECURITY).checkDenyList(url));
  },
});

/**
 * Requests to addresses that a flow, a model or a visitor chooses, and that Flowise sends without asking its own deny
 * list (`HTTP_DENY_LIST`). Clients of models, databases and vector stores are the author's choice and not among them.
 *
 * Tested by image/test/tree/guards.test.cjs on the installed code.
 *
 * @type {import('../guards.cjs').Guard}
 */
module.exports = {
  name: 'fetches',
  closes: ['CVE-2026-41271', 'requests that skip the deny list'],
  why: 'A chain or tool asked internal addresses: the fix of CVE-2026-41271 covers POST, not GET.',
  files: {
    [SECURITY]: { sha256: 'e09d16a61941343e3615b4ee7ffd84209be7374f54841db3180a9aa839820a63' },
    '@langchain/classic/dist/chains/api/api_chain.cjs': guarded(
      '478fd8dce73e5a3d89d1699dd92e7e74a8983d0879fdc7e239706aae3615b0c4',
    ),
    '@langchain/classic/dist/chains/openai_functions/openapi.cjs': guarded(
      '6ee6d36adfbf9905686352cc30ae100bf1d531ac30f301568fe75d035bdde5c3',
    ),
    '@langchain/classic/dist/tools/webbrowser.cjs': guarded(
      '28411d5fa0c2d71f9cd14114cfa53e5ed91a90e97694e9f5a38dc56d0a193fa0',
    ),
    'flowise-components/dist/nodes/documentloaders/Unstructured/Unstructured.js': guarded(
      'b8f596bc0b4178c7b0b98ab1898caa0829cb2288b8b3c3a680ade43fee9c1310',
    ),
    'flowise-components/dist/nodes/vectorstores/Meilisearch/Meilisearch.js': guarded(
      '69e19572b1e73af6782262b46d7a0800f1c72f0fe443ef7d809fb74202c6d859',
    ),
  },
};
