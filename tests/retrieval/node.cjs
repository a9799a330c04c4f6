'use strict';

/**
 * Runs Flowise's OpenSearch node as a flow does. Arguments: the image's tree, and what to do as JSON: `url`, `user`,
 * `password`, `index`, `engine`, `space`, and either `upsert` (texts) or `ask` (one). Prints the answer as JSON.
 */
const modules = `${process.argv[2]}/node_modules`;
const { nodeClass } = require(`${modules}/flowise-components/dist/nodes/vectorstores/OpenSearch/OpenSearch.js`);

/** Three dimensions are enough to tell a fish from a bird; what needs another number of them has two. */
const PLACES = { salmon: [1, 0, 0], trout: [0.9, 0.1, 0], eagle: [0, 0, 1], flat: [1, 1] };
const embeddings = {
  embedDocuments: async (texts) => texts.map((text) => PLACES[text]),
  embedQuery: async (text) => PLACES[text],
};

async function main() {
  const wanted = JSON.parse(process.argv[3]);
  const document = (wanted.upsert ?? []).map((pageContent) => ({
    pageContent,
    metadata: { source: 'animals.txt', loc: { lines: { from: 1, to: 2 } } },
  }));
  const inputs = { openSearchUrl: wanted.url, user: wanted.user, password: wanted.password, embeddings, document };
  Object.assign(inputs, { indexName: wanted.index, engine: wanted.engine, spaceType: wanted.space, topK: '2' });
  const data = { inputs, outputs: { output: 'retriever' } };
  const node = new nodeClass();
  if (wanted.upsert) return { added: (await node.vectorStoreMethods.upsert(data, {})).numAdded };
  const retriever = await node.init(data, '', {});
  return { found: (await retriever.invoke(wanted.ask)).map((each) => each.pageContent) };
}

main().then(
  (answer) => console.log(JSON.stringify(answer)),
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
