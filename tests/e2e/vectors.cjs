'use strict';

/**
 * Stores and finds documents as a flow with the Postgres vector store does: with Flowise's own driver, no credential,
 * and only the environment of a server pod. Argument: the image's tree. Prints what it found as JSON.
 */
const modules = `${process.argv[2]}/node_modules`;
const { TypeORMDriver } = require(`${modules}/flowise-components/dist/nodes/vectorstores/Postgres/driver/TypeORM.js`);
const pg = require(`${modules}/pg`);

/** Three dimensions are enough to tell a fish from a bird. */
const PLACES = { salmon: [1, 0, 0], trout: [0.9, 0.1, 0], eagle: [0, 0, 1] };
const embeddings = {
  embedDocuments: async (texts) => texts.map((text) => PLACES[text]),
  embedQuery: async (text) => PLACES[text],
};

async function main() {
  const driver = new TypeORMDriver({ inputs: { embeddings, tableName: 'animals' } }, {});
  const documents = Object.keys(PLACES).map((pageContent) => ({ pageContent, metadata: {} }));
  const store = await driver.fromDocuments(documents);
  const nearest = await store.similaritySearchVectorWithScore(PLACES.salmon, 2);
  const outside = new pg.Client({
    host: process.env.DATABASE_HOST,
    port: Number(process.env.DATABASE_PORT),
    database: process.env.DATABASE_NAME,
    user: process.env.POSTGRES_VECTORSTORE_USER,
    password: process.env.POSTGRES_VECTORSTORE_PASSWORD,
    ssl: true,
  });
  const refused = await outside.connect().then(
    () => 'let in',
    (error) => error.message,
  );
  console.log(JSON.stringify({ nearest: nearest.map(([document]) => document.pageContent), refused }));
  process.exit(0); // TypeORM keeps its connections open
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
